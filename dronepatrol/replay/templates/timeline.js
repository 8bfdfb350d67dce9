// Under the slider: a lane for each drone (in the air, at a task), and marks for events.

const MARK_ROW = 15;

class Lanes {
  constructor(app) {
    this.app = app;
    this.canvas = byId('lanes');
    this.lane = clamp(60 / Math.max(DRONES.length, 1), 3, 14);
    this.canvas.style.height = `${MARK_ROW + this.lane * DRONES.length + 16}px`;
    this.still = document.createElement('canvas');
    this.key = '';
    this.flying = DRONES.map(flyingSpans);
    this.canvas.addEventListener('pointerdown', (event) => this.press(event));
    this.canvas.addEventListener('pointermove', (event) => this.over(event));
    this.canvas.addEventListener('pointerleave', () => { this.app.setHover(null); this.canvas.title = ''; });
  }

  /** The native slider's knob keeps half its width inside the track; lanes follow it. */
  px(t, width) { return 8 + (t / DATA.duration_s) * (width - 16); }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    return { x, y: event.clientY - box.top, t: clamp((x - 8) / (box.width - 16), 0, 1) * DATA.duration_s };
  }

  /** The event whose mark is nearest to a place, if near enough. */
  markAt({ x, y }) {
    if (y > MARK_ROW) return null;
    let best = null;
    for (const event of this.app.list.shown) {
      const distance = Math.abs(this.px(event.t, this.canvas.clientWidth) - x);
      if (distance < (best ? best.distance : 7)) best = { event, distance };
    }
    return best && best.event;
  }

  press(pointer) {
    const place = this.place(pointer);
    const event = this.markAt(place);
    this.app.setTime(event ? event.t : place.t);
  }

  over(pointer) {
    const place = this.place(pointer);
    const event = this.markAt(place);
    this.canvas.title = event ? `${clockText(event.t)}  ${event.text || event.kind}` : this.visitAt(place);
    this.app.setHover(event ? event.t : place.t);
    if (pointer.buttons & 1) this.app.setTime(place.t);
  }

  visitAt({ y, t }) {
    const drone = DRONES[Math.floor((y - MARK_ROW) / this.lane)];
    const visit = drone && DATA.visits.find((v) => v.drone === drone.id && v.begin <= t && t <= v.end);
    return visit ? `${drone.id}: ${taskName(visit.task)}` : clockText(t);
  }

  draw(t, hover) {
    const { context: c, width, height, ratio } = sized(this.canvas);
    const key = [this.canvas.width, this.app.theme, this.app.language, this.app.fontsReady, [...this.app.shown].join(), this.app.list.shown.length].join('|');
    if (key !== this.key) {
      this.key = key;
      this.still.width = this.canvas.width;
      this.still.height = this.canvas.height;
      const still = this.still.getContext('2d');
      still.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.drawStill(still, width, height);
    }
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.canvas.width, this.canvas.height);
    c.drawImage(this.still, 0, 0);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.needle(c, t, height, this.app.colour('--ink'));
    if (hover !== null) this.needle(c, hover, height, this.app.colour('--accent'));
  }

  needle(c, t, height, style) {
    c.fillStyle = style;
    c.fillRect(this.px(t, this.canvas.clientWidth) - 0.75, 0, 1.5, height - 14);
  }

  drawStill(c, width, height) {
    this.drawMarks(c, width);
    DRONES.forEach((drone, k) => this.drawLane(c, drone, k, width));
    const { ticks, seconds } = clockTicks(0, DATA.duration_s, Math.max(2, width / 90));
    c.font = `11px ${FONT}`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillStyle = this.app.colour('--muted');
    for (const t of ticks) {
      const x = this.px(t, width);
      c.fillRect(x - 0.5, height - 15, 1, 3);
      c.fillText(clockText(t, seconds), clamp(x, 26, width - 26), height - 5.5);
    }
  }

  drawMarks(c, width) {
    for (const event of this.app.list.shown) {
      const k = DRONES.findIndex((drone) => drone.id === event.drone);
      const x = this.px(event.t, width);
      c.fillStyle = SERIOUS.has(event.kind) ? this.app.colour('--warn') : k < 0 ? this.app.colour('--muted') : this.app.droneColour(k);
      if (event.kind === 'photo') { c.fillRect(x - 0.5, 7, 1, 5); continue; }
      drawMark(c, SERIOUS.has(event.kind) ? 'diamond' : MARKS[Math.max(k, 0) % MARKS.length], x, 7, SERIOUS.has(event.kind) ? 5 : 3.6);
      c.fill();
    }
  }

  drawLane(c, drone, k, width) {
    const top = MARK_ROW + k * this.lane;
    c.fillStyle = this.app.droneColour(k);
    c.globalAlpha = this.app.shown.has(drone.id) ? 0.35 : 0.1;
    for (const [begin, end] of this.flying[k]) {
      c.fillRect(this.px(begin, width), top + 0.35 * this.lane, this.px(end, width) - this.px(begin, width), 0.3 * this.lane);
    }
    c.globalAlpha = this.app.shown.has(drone.id) ? 0.9 : 0.2;
    for (const visit of DATA.visits) {
      if (visit.drone !== drone.id) continue;
      const [left, right] = [this.px(visit.begin, width), this.px(visit.end, width)];
      c.fillRect(left, top + 0.5, Math.max(right - left - 1, 1), this.lane - 1);
      this.nameVisit(c, taskName(visit.task), left, right, top);
    }
    c.globalAlpha = 1;
  }

  nameVisit(c, name, left, right, top) {
    if (this.lane < 11) return;
    c.save();
    c.font = `600 ${Math.min(this.lane - 3, 11)}px ${FONT}`;
    if (c.measureText(name).width < right - left - 8) {
      c.globalAlpha = 1;
      c.fillStyle = this.app.theme === 'dark' ? '#10151a' : '#ffffff';
      c.textAlign = 'center';
      c.textBaseline = 'middle';
      c.fillText(name, (left + right) / 2, top + this.lane / 2 + 0.5);
    }
    c.restore();
  }
}

function taskName(id) {
  const task = DATA.tasks.find((candidate) => candidate.id === id);
  return (task && task.name) || id;
}
