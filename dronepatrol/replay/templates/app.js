// The page's state, its loop, and what hands and scripts may do with it.

const SPEEDS = [0.5, 1, 2, 5, 10, 20, 60, 120];

class App {
  constructor() {
    const hash = new URLSearchParams(location.hash.slice(1));
    this.time = 0;
    this.hoverTime = null;
    this.playing = false;
    this.rate = Number(hash.get('speed')) || 10;
    this.language = hash.get('lang') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
    if (!WORDS[this.language]) this.language = 'en';
    this.theme = hash.get('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    this.shown = new Set(DRONES.map((drone) => drone.id));
    this.layers = new Set([...STILL, 'flown']);
    this.eventTimes = DATA.events.map((event) => event.t);
    this.colours = new Map();
    this.colour = this.colour.bind(this);
    this.busy = mergedSpans(DRONES.flatMap(flyingSpans));
    document.documentElement.dataset.theme = this.theme;
    this.map = new FlightMap(byId('map'), this);
    this.panel = new DronePanel(this);
    this.list = new EventList(this);
    this.lanes = new Lanes(this);
    this.charts = CHARTS.map((kind) => new Chart(kind, this));
    byId('charts').append(...this.charts.map((chart) => chart.node));
    byId('slider').max = DATA.duration_s;
    this.connect();
    this.awaitFont();
    this.speak();
    this.setTime(Number(hash.get('t')) || 0);
    if (hash.has('play')) this.play();
  }

  get words() { return WORDS[this.language]; }

  colour(name) {
    if (!this.colours.has(name)) this.colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return this.colours.get(name);
  }

  droneColour(k) { return PALETTES[this.theme][k % 8]; }

  // --- time ---------------------------------------------------------------------------------------------

  setTime(t) {
    if (!Number.isFinite(Number(t))) return;
    this.time = clamp(Number(t), 0, DATA.duration_s);
    this.refresh();
  }

  setHover(t) {
    if (t === this.hoverTime) return;
    this.hoverTime = t;
    this.refresh();
  }

  play() {
    if (this.time >= DATA.duration_s) this.time = 0;
    this.playing = true;
    this.lastFrame = null;
    this.refresh();
  }

  pause() { this.playing = false; this.refresh(); }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  step(seconds) { this.pause(); this.setTime(this.time + seconds); }

  /** Go to the event before or after this moment. */
  jump(direction) {
    const times = this.list.shown.map((event) => event.t);
    const ahead = direction > 0 ? times.find((t) => t > this.time + 0.01) : times.filter((t) => t < this.time - 0.01).pop();
    if (ahead !== undefined) this.setTime(ahead);
  }

  setRate(rate) {
    this.rate = rate;
    byId('speed').value = String(rate);
  }

  advance(now) {
    if (this.lastFrame !== null) {
      const passed = Math.min((now - this.lastFrame) / 1000, 0.25) * this.rate;
      this.time = Math.min(this.time + passed, DATA.duration_s);
      if (byId('skip').checked) this.time = this.afterIdle(this.time);
    }
    this.lastFrame = now;
    if (this.time >= DATA.duration_s) this.playing = false;
  }

  /** Jump over time in which all drones stand, but for two seconds around it. */
  afterIdle(t) {
    const next = this.busy.findIndex(([, end]) => t <= end + 2);
    if (next < 0) return this.busy.length ? DATA.duration_s : t;
    return next > 0 || t < this.busy[0][0] ? Math.max(t, this.busy[next][0] - 2) : t;
  }

  // --- drawing ------------------------------------------------------------------------------------------

  refresh() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame((now) => { this.pending = false; this.frame(now); });
  }

  frame(now) {
    if (this.playing) this.advance(now);
    const { time, hoverTime } = this;
    this.map.draw(time, hoverTime);
    for (const chart of this.charts) chart.draw(time, hoverTime);
    this.lanes.draw(time, hoverTime);
    this.panel.draw(time);
    this.list.draw(time);
    byId('slider').value = time;
    byId('slider').setAttribute('aria-valuetext', clockText(time));
    byId('clock').textContent = clockText(time);
    byId('elapsed').textContent = `${spanText(time)} / ${spanText(DATA.duration_s)}`;
    byId('play').textContent = this.playing ? this.words.pause : this.words.play;
    if (this.playing) this.refresh();
  }

  speak() {
    const words = this.words;
    document.documentElement.lang = this.language === 'zh' ? 'zh-Hans' : 'en';
    byId('subtitle').textContent = words.subtitle(dayText(0), clockText(0, false), clockText(DATA.duration_s, false), DATA.zone);
    byId('language').textContent = words.other_language;
    byId('theme').textContent = this.theme === 'dark' ? words.theme_light : words.theme_dark;
    byId('speed-word').textContent = words.speed;
    byId('skip-word').textContent = words.skip;
    byId('tab-events').textContent = words.events;
    byId('tab-tasks').textContent = words.tasks;
    byId('all-events-label').lastElementChild.textContent = words.photos;
    byId('attribution').textContent = DATA.attribution.length ? `${words.map_data}: ${DATA.attribution.join('; ')}` : '';
    const titles = { help: 'help', 'zoom-in': 'zoom_in', 'zoom-out': 'zoom_out', fit: 'fit', previous: 'previous', next: 'next', back: 'back', forward: 'forward', slider: 'slider', map: 'map' };
    for (const [id, word] of Object.entries(titles)) { byId(id).title = words[word]; byId(id).setAttribute('aria-label', words[word]); }
    byId('map').title = '';
    this.buildLayerBoxes();
    this.buildHelp();
    this.panel.build();
    this.list.build();
    buildTasks(this);
    this.refresh();
  }

  buildLayerBoxes() {
    byId('layers').replaceChildren(...[...STILL, 'flown'].map((name) => {
      const box = element('input', { type: 'checkbox' });
      box.checked = this.layers.has(name);
      box.addEventListener('change', () => {
        if (box.checked) this.layers.add(name); else this.layers.delete(name);
        this.refresh();
      });
      return element('label', {}, box, document.createTextNode(this.words[name]));
    }));
  }

  buildHelp() {
    const rows = this.words.keys.flatMap(([key, what]) => [element('dt', { text: key }), element('dd', { text: what })]);
    const close = element('button', { type: 'button', text: this.words.close });
    close.addEventListener('click', () => byId('keys').close());
    byId('keys').replaceChildren(element('h2', { text: this.words.help }), element('dl', {}, ...rows), close);
  }

  // --- choices ------------------------------------------------------------------------------------------

  show(drone, on) {
    if (on) this.shown.add(drone); else this.shown.delete(drone);
    this.list.build();
    this.refresh();
  }

  setTheme(theme) {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
    this.colours.clear();
    this.speak();
  }

  setLanguage(language) {
    this.language = language;
    this.speak();
  }

  setTab(name) {
    for (const tab of ['events', 'tasks']) {
      byId(`tab-${tab}`).setAttribute('aria-selected', String(tab === name));
      byId(tab).hidden = tab !== name;
    }
    byId('all-events-label').hidden = name !== 'events';
  }

  /** Draw again once the Chinese font has arrived: canvases do not do so by themselves. */
  awaitFont() {
    this.fontsReady = false;
    document.fonts.load('14px "Patrol CJK"', '中').then(() => { this.fontsReady = true; this.refresh(); });
  }

  connect() {
    const click = (id, action) => byId(id).addEventListener('click', action);
    click('play', () => this.toggle());
    click('back', () => this.step(-1));
    click('forward', () => this.step(1));
    click('previous', () => this.jump(-1));
    click('next', () => this.jump(1));
    click('zoom-in', () => this.map.zoom(1.5));
    click('zoom-out', () => this.map.zoom(1 / 1.5));
    click('fit', () => this.map.fit());
    click('theme', () => this.setTheme(this.theme === 'dark' ? 'light' : 'dark'));
    click('language', () => this.setLanguage(this.language === 'zh' ? 'en' : 'zh'));
    click('help', () => byId('keys').showModal());
    click('tab-events', () => this.setTab('events'));
    click('tab-tasks', () => this.setTab('tasks'));
    this.setTab('events');
    byId('all-events').addEventListener('change', (event) => { this.list.all = event.target.checked; this.list.build(); this.refresh(); });
    byId('slider').addEventListener('input', (event) => this.setTime(event.target.valueAsNumber));
    byId('speed').replaceChildren(...SPEEDS.map((rate) => element('option', { value: String(rate), text: `${rate}×` })));
    byId('speed').addEventListener('change', (event) => { this.rate = Number(event.target.value); });
    this.setRate(SPEEDS.includes(this.rate) ? this.rate : 10);
    new ResizeObserver(() => this.refresh()).observe(byId('map'));
    window.addEventListener('resize', () => this.refresh());
    window.addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || byId('keys').open) return;
    if (['INPUT', 'SELECT', 'BUTTON'].includes(event.target.tagName) && [' ', 'Enter'].includes(event.key)) return;
    if (event.target.id === 'speed') return;
    const seconds = event.shiftKey ? 10 : 1;
    const keys = {
      ' ': () => this.toggle(), ArrowLeft: () => this.step(-seconds), ArrowRight: () => this.step(seconds),
      ',': () => this.jump(-1), '.': () => this.jump(1), '+': () => this.map.zoom(1.5), '=': () => this.map.zoom(1.5), '-': () => this.map.zoom(1 / 1.5),
      0: () => this.map.fit(), '[': () => this.faster(-1), ']': () => this.faster(1), Home: () => this.setTime(0), End: () => this.setTime(DATA.duration_s),
      t: () => byId('theme').click(), l: () => byId('language').click(), '?': () => byId('keys').showModal(),
    };
    const drone = DRONES[Number(event.key) - 1];
    const action = drone ? () => this.show(drone.id, !this.shown.has(drone.id)) : keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  faster(direction) {
    this.setRate(SPEEDS[clamp(SPEEDS.indexOf(this.rate) + direction, 0, SPEEDS.length - 1)]);
  }

  /** Where the drones are now: in the world, and on the map as last drawn. */
  positions() {
    return DRONES.map((drone) => {
      const state = stateAt(drone, this.time);
      const drawn = this.map.drawn.get(drone.id) || null;
      if (!state) return { drone: drone.id, known: false, drawn };
      const [lon, lat] = degreesOf(state.x, state.y);
      return { drone: drone.id, known: true, lon_deg: lon, lat_deg: lat, altitude_home_m: state.altitude, speed_mps: state.speed,
        battery_percent: state.battery, heading_deg: ((state.yaw % 360) + 360) % 360, mode: state.mode, drawn };
    });
  }
}

function mergedSpans(spans) {
  const sorted = spans.sort((a, b) => a[0] - b[0]);
  const merged = [];
  for (const [begin, end] of sorted) {
    const last = merged[merged.length - 1];
    if (last && begin <= last[1] + 4) last[1] = Math.max(last[1], end);
    else merged.push([begin, end]);
  }
  return merged;
}

const app = new App();
window.dronepatrol = {
  get time() { return app.time; },
  get playing() { return app.playing; },
  duration: DATA.duration_s,
  setTime: (t) => app.setTime(t),
  play: () => app.play(),
  pause: () => app.pause(),
  positions: () => app.positions(),
};
