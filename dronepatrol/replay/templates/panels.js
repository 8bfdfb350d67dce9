// Drones to show, events to click, and the table of tasks.

class DronePanel {
  constructor(app) {
    this.app = app;
    this.node = byId('drones');
    this.rows = [];
    this.build();
  }

  build() {
    const words = this.app.words;
    const head = element('tr', {}, element('th', { class: 'name', text: words.drone }), ...['mode', 'altitude', 'ground_speed', 'battery'].map((word) => element('th', { text: words[word] })));
    const body = element('tbody');
    this.rows = DRONES.map((drone, k) => this.row(drone, k, body));
    this.node.replaceChildren(element('table', {}, element('thead', {}, head), body));
  }

  row(drone, k, body) {
    const box = element('input', { type: 'checkbox', 'data-drone': drone.id });
    box.checked = this.app.shown.has(drone.id);
    box.addEventListener('change', () => this.app.show(drone.id, box.checked));
    const swatch = element('canvas', { class: 'swatch', width: 28, height: 28 });
    const c = swatch.getContext('2d');
    c.fillStyle = this.app.droneColour(k);
    drawMark(c, MARKS[k % MARKS.length], 14, 14, 11);
    c.fill();
    const cells = ['mode', 'altitude', 'speed', 'battery'].map(() => element('td', { text: '–' }));
    const name = element('td', { class: 'name' }, element('label', {}, box, swatch, document.createTextNode(drone.id)));
    const row = element('tr', {}, name, ...cells);
    body.append(row);
    return { drone, box, row, cells };
  }

  draw(t) {
    for (const { drone, box, row, cells } of this.rows) {
      const on = this.app.shown.has(drone.id);
      box.checked = on;
      row.classList.toggle('off', !on);
      const state = stateAt(drone, t);
      const texts = state
        ? [state.mode || '–', `${fixed(state.altitude, 0)} m`, `${fixed(state.speed, 1)} m/s`, `${fixed(state.battery, 0)} %`]
        : [this.app.words[silenceWord(drone, t)], '–', '–', '–'];
      texts.forEach((text, k) => { if (cells[k].textContent !== text) cells[k].textContent = text; });
      const low = state && DATA.reserve !== null && state.battery < 100 * DATA.reserve;
      cells[3].classList.toggle('low', Boolean(low));
    }
  }
}

function silenceWord(drone, t) {
  if (drone.n && t < drone.time[0]) return 'not_begun';
  return drone.n && t > drone.time[drone.n - 1] ? 'ended' : 'no_data';
}

class EventList {
  constructor(app) {
    this.app = app;
    this.node = byId('events');
    this.all = false;
    this.build();
  }

  build() {
    const words = this.app.words;
    this.shown = DATA.events.filter((event) => (this.all || event.kind !== 'photo') && (!event.drone || !DRONES.length || this.app.shown.has(event.drone)));
    this.buttons = this.shown.map((event) => this.row(event, words));
    const rows = this.buttons.map((button) => element('li', {}, button));
    this.node.replaceChildren(...(rows.length ? rows : [element('li', { text: words.no_events, style: 'padding:8px 10px' })]));
    this.current = -2;
  }

  row(event, words) {
    const kind = words.kinds[event.kind] || event.kind || '';
    const k = DRONES.findIndex((drone) => drone.id === event.drone);
    const dot = element('span', { text: k < 0 ? '' : '●', style: k < 0 ? '' : `color:${this.app.droneColour(k)}`, 'aria-hidden': 'true' });
    const text = element('span', {}, element('span', { class: 'kind', text: kind }), document.createTextNode(event.text ? event.text : ''));
    const button = element('button', { type: 'button', class: SERIOUS.has(event.kind) ? 'warn' : '' }, element('time', { text: clockText(event.t) }), dot, text);
    button.addEventListener('click', () => this.app.setTime(event.t));
    return button;
  }

  draw(t) {
    const times = this.shown.map((event) => event.t);
    const now = lastAt(times, t + 1e-6);
    if (now === this.current) return;
    this.current = now;
    this.buttons.forEach((button, k) => {
      button.classList.toggle('now', k === now);
      button.classList.toggle('later', k > now);
    });
    const button = this.buttons[now];
    if (!button || this.node.matches(':hover')) return;
    const top = button.parentNode.offsetTop;
    if (top < this.node.scrollTop || top + 30 > this.node.scrollTop + this.node.clientHeight) {
      this.node.scrollTop = top - this.node.clientHeight / 2;
    }
  }
}

const metresText = (value) => (Number.isFinite(value) ? (value < 1000 ? `${value.toFixed(0)} m` : `${(value / 1000).toFixed(2)} km`) : '–');
const percentText = (value, digits) => (Number.isFinite(value) ? `${(100 * value).toFixed(digits)} %` : '–');

function buildTasks(app) {
  const words = app.words;
  if (!DATA.summary.length) { byId('tasks').replaceChildren(element('p', { text: words.no_tasks })); return; }
  const heads = ['task', 'drone', 'length', 'time', 'seen', 'battery'].map((word, k) => element('th', { class: k ? '' : 'name', text: words[word] }));
  const rows = DATA.summary.map((row) => {
    const seconds = Number.isFinite(row.flown_s) ? row.flown_s : row.planned_s;
    const cells = [row.task, row.drone, `${metresText(row.planned_length_m)} → ${metresText(row.flown_length_m)}`,
      Number.isFinite(seconds) ? spanText(seconds) : '–', percentText(row.seen, 1), percentText(row.battery_left, 0)];
    return element('tr', {}, ...cells.map((text, k) => element('td', { class: k ? (k === 2 ? 'long' : '') : 'name long', text })));
  });
  byId('tasks').replaceChildren(element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows)));
}
