// Charts of one value of all drones over time, linked by the moment under the pointer.

const CHARTS = [
  { name: 'altitude', word: 'altitude_chart', digits: 0, limit: DATA.ceiling_m, limitWord: 'ceiling', unit: 'm', floor: 0 },
  { name: 'speed', word: 'speed_chart', digits: 1, floor: 0 },
  { name: 'battery', word: 'battery_chart', digits: 0, limit: DATA.reserve === null ? null : DATA.reserve * 100, limitWord: 'reserve', unit: '%', floor: 0, top: 100 },
];
const DASHES = [[], [7, 3], [7, 3, 2, 3], [2, 2.5]];
const EDGE = { left: 34, right: 8, top: 6, bottom: 17 };

class Chart {
  constructor(kind, app) {
    this.kind = kind;
    this.app = app;
    this.title = element('h2');
    this.values = element('div', { class: 'values' });
    this.canvas = element('canvas', { 'data-chart': kind.name });
    this.node = element('div', { class: 'chart' }, element('header', {}, this.title, this.values), this.canvas);
    this.still = document.createElement('canvas');
    this.key = '';
    this.readings = DRONES.map((drone) => {
      const name = element('span', { text: `${drone.id} ` });
      const value = element('b');
      this.values.append(element('span', {}, name, value));
      return { name, value };
    });
    this.canvas.addEventListener('pointermove', (event) => this.app.setHover(this.timeAt(event)));
    this.canvas.addEventListener('pointerleave', () => this.app.setHover(null));
    this.canvas.addEventListener('pointerdown', (event) => this.app.setTime(this.timeAt(event)));
    this.setRange();
  }

  setRange() {
    let [low, high] = [this.kind.floor, this.kind.top || 1];
    for (const drone of DRONES) {
      for (const value of drone[this.kind.name]) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (this.kind.limit !== null && this.kind.limit !== undefined) high = Math.max(high, this.kind.limit);
    this.low = low;
    this.high = high + (this.kind.top ? 0 : 0.06 * (high - low));
  }

  timeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return clamp((event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right), 0, 1) * DATA.duration_s;
  }

  px(t, width) { return EDGE.left + (t / DATA.duration_s) * (width - EDGE.left - EDGE.right); }

  py(value, height) {
    return EDGE.top + (1 - (value - this.low) / (this.high - this.low)) * (height - EDGE.top - EDGE.bottom);
  }

  draw(t, hover) {
    const { context, width, height, ratio } = sized(this.canvas);
    if (width < 60 || height < 30) return;
    const key = [this.canvas.width, this.canvas.height, this.app.theme, this.app.language, this.app.fontsReady, [...this.app.shown].join()].join('|');
    if (key !== this.key) {
      this.key = key;
      this.still.width = this.canvas.width;
      this.still.height = this.canvas.height;
      const c = this.still.getContext('2d');
      c.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.drawStill(c, width, height);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.still, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.cursor(context, t, width, height, this.app.colour('--ink'), []);
    if (hover !== null) this.cursor(context, hover, width, height, this.app.colour('--accent'), [3, 3]);
    this.read(hover === null ? t : hover);
  }

  drawStill(c, width, height) {
    const colour = this.app.colour;
    c.font = `11px ${FONT}`;
    c.lineWidth = 1;
    c.textBaseline = 'middle';
    c.textAlign = 'right';
    for (const value of valueTicks(this.low, this.high, (height - EDGE.top - EDGE.bottom) / 24)) {
      const y = Math.round(this.py(value, height)) + 0.5;
      this.rule(c, EDGE.left, y, width - EDGE.right, y, colour('--faint'));
      c.fillStyle = colour('--muted');
      c.fillText(String(value), EDGE.left - 5, y);
    }
    const { ticks, seconds } = clockTicks(0, DATA.duration_s, Math.max(2, (width - 50) / 70));
    c.textAlign = 'center';
    for (const t of ticks) {
      const x = Math.round(this.px(t, width)) + 0.5;
      this.rule(c, x, EDGE.top, x, height - EDGE.bottom + 3, colour('--faint'));
      c.fillStyle = colour('--muted');
      c.fillText(clockText(t, seconds), clamp(x, EDGE.left + 8, width - 22), height - 7);
    }
    this.drawLimit(c, width, height, colour);
    c.save();
    c.beginPath();
    c.rect(EDGE.left, 0, width - EDGE.left, height - EDGE.bottom + 1);
    c.clip();
    DRONES.forEach((drone, k) => this.drawLine(c, drone, k, width, height));
    c.restore();
  }

  rule(c, x1, y1, x2, y2, style) {
    c.strokeStyle = style;
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x2, y2);
    c.stroke();
  }

  drawLimit(c, width, height, colour) {
    if (this.kind.limit === null || this.kind.limit === undefined) return;
    const y = this.py(this.kind.limit, height);
    c.setLineDash([8, 4]);
    this.rule(c, EDGE.left, y, width - EDGE.right, y, colour('--warn'));
    c.setLineDash([]);
    c.textAlign = 'left';
    c.fillStyle = colour('--warn');
    const above = y - 7 > EDGE.top + 4;
    c.fillText(`${this.app.words[this.kind.limitWord]} ${Number(this.kind.limit.toFixed(1))} ${this.kind.unit}`, EDGE.left + 4, above ? y - 7 : y + 8);
  }

  drawLine(c, drone, k, width, height) {
    if (!this.app.shown.has(drone.id)) return;
    const values = drone[this.kind.name];
    c.strokeStyle = this.app.droneColour(k);
    // dashes of a line that turns at every pixel only make noise
    const dense = this.kind.name === 'speed' && drone.n > width / 2;
    c.lineWidth = dense ? 1 : 1.5;
    c.globalAlpha = dense ? 0.8 : 1;
    c.lineJoin = 'round';
    c.setLineDash(dense ? [] : DASHES[k % DASHES.length]);
    c.beginPath();
    let pen = false;
    for (let i = 0; i < drone.n; i += 1) {
      if (Number.isNaN(values[i])) { pen = false; continue; }
      const place = [this.px(drone.time[i], width), this.py(values[i], height)];
      if (pen) c.lineTo(...place); else c.moveTo(...place);
      pen = true;
    }
    c.stroke();
    c.setLineDash([]);
    c.globalAlpha = 1;
  }

  cursor(c, t, width, height, style, dash) {
    const x = this.px(t, width);
    c.setLineDash(dash);
    c.lineWidth = 1.2;
    this.rule(c, x, EDGE.top - 3, x, height - EDGE.bottom + 3, style);
    c.setLineDash([]);
    DRONES.forEach((drone, k) => {
      const state = this.app.shown.has(drone.id) && stateAt(drone, t);
      if (!state || Number.isNaN(state[this.kind.name])) return;
      c.fillStyle = this.app.droneColour(k);
      c.beginPath();
      c.arc(x, this.py(state[this.kind.name], height), 3, 0, 2 * Math.PI);
      c.fill();
    });
  }

  read(t) {
    this.title.textContent = this.app.words[this.kind.word];
    DRONES.forEach((drone, k) => {
      const { name, value } = this.readings[k];
      const shown = this.app.shown.has(drone.id) && DRONES.length <= 6;
      name.parentNode.hidden = !shown;
      if (!shown) return;
      const state = stateAt(drone, t);
      value.textContent = state ? fixed(state[this.kind.name], this.kind.digits) : '–';
      value.style.color = this.app.droneColour(k);
    });
  }
}

/** Round values between two, about as many as asked for. */
function valueTicks(low, high, most) {
  const wish = (high - low) / Math.max(most, 2);
  const power = 10 ** Math.floor(Math.log10(wish));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((k) => k >= wish);
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) ticks.push(Number(value.toFixed(6)));
  return ticks;
}
