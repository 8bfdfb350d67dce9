// The map: still layers in one bitmap, the flown path in a second that grows, drones on top.

const STILL = ['base', 'areas', 'zones', 'plan', 'labels'];

class FlightMap {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    this.still = document.createElement('canvas');
    this.flown = document.createElement('canvas');
    this.paths = Object.fromEntries(Object.entries(DATA.base).map(([kind, rings]) => [kind, this.path(rings)]));
    this.taskPath = this.path(DATA.tasks.flatMap((task) => task.rings));
    this.remainderPath = this.path(DATA.remainders.flatMap((part) => part.rings));
    this.zonePaths = DATA.zones.map((zone) => [zone, this.path(zone.rings)]);
    this.legPaths = new Map();
    for (const leg of DATA.legs) {
      if (!this.legPaths.has(leg.drone)) this.legPaths.set(leg.drone, []);
      this.legPaths.get(leg.drone).push(leg.path);
    }
    this.view = null;
    this.stillKey = '';
    this.flownKey = '';
    this.flownUntil = 0;
    this.drawn = new Map();
    this.listen();
  }

  /** A path in metres from rings in decimetres. */
  path(rings) {
    const path = new Path2D();
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        if (k) path.lineTo(ring[k] / 10, ring[k + 1] / 10); else path.moveTo(ring[k] / 10, ring[k + 1] / 10);
      }
    }
    return path;
  }

  fit() {
    const [west, south, east, north] = DATA.extent;
    const width = this.canvas.clientWidth || 600;
    const height = this.canvas.clientHeight || 400;
    const [above, below] = [76, 44]; // room for the row of layers, and for scale and attribution
    const k = Math.min((width - 70) / Math.max(east - west, 60), (height - above - below) / Math.max(north - south, 60));
    this.view = { x: (west + east) / 2, y: (south + north) / 2 + (above - below) / 2 / k, k };
    this.app.refresh();
  }

  toScreen(x, y) {
    return [(x - this.view.x) * this.view.k + this.width / 2, (this.view.y - y) * this.view.k + this.height / 2];
  }

  toMetres(px, py) {
    return [(px - this.width / 2) / this.view.k + this.view.x, this.view.y - (py - this.height / 2) / this.view.k];
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toMetres(px, py);
    const k = clamp(this.view.k * factor, 1e-4, 60);
    this.view = { x: x - (px - this.width / 2) / k, y: y + (py - this.height / 2) / k, k };
    this.app.refresh();
  }

  draw(t, hover) {
    const { context, width, height, ratio } = sized(this.canvas);
    Object.assign(this, { width, height, ratio });
    if (!width || !height) return;
    if (!this.view) this.fit();
    const { x, y, k } = this.view;
    const shown = [...this.app.shown].join();
    const key = [x, y, k, this.canvas.width, this.canvas.height, this.app.theme, this.app.language, this.app.fontsReady, shown, [...this.app.layers].join()].join('|');
    if (key !== this.stillKey) { this.stillKey = key; this.drawStill(); }
    this.drawFlown(t, key);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    if (this.app.layers.has('flown')) context.drawImage(this.flown, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawTrails(context, t);
    this.drawDrones(context, t, 1);
    if (hover !== null && hover !== t) this.drawDrones(context, hover, 0.45);
    this.drawScale(context);
  }

  prepare(canvas) {
    if (canvas.width !== this.canvas.width || canvas.height !== this.canvas.height) {
      canvas.width = this.canvas.width;
      canvas.height = this.canvas.height;
    }
    return canvas.getContext('2d');
  }

  /** Let a context draw in metres; line widths are then given in pixels times `px`. */
  inMetres(c) {
    const s = this.view.k * this.ratio;
    c.setTransform(s, 0, 0, -s, (this.width / 2) * this.ratio - this.view.x * s, (this.height / 2) * this.ratio + this.view.y * s);
    return 1 / this.view.k;
  }

  drawStill() {
    const c = this.prepare(this.still);
    const colour = this.app.colour;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = colour('--map');
    c.fillRect(0, 0, this.still.width, this.still.height);
    c.lineJoin = 'round';
    c.lineCap = 'round';
    const px = this.inMetres(c);
    const on = this.app.layers;
    if (on.has('base')) this.drawBase(c, px, colour);
    if (on.has('areas')) this.drawAreas(c, px, colour);
    if (on.has('zones')) this.drawZones(c, px, colour);
    if (on.has('plan')) this.drawPlan(c, px, colour);
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.drawStationsAndNames(c, colour, on);
  }

  drawBase(c, px, colour) {
    for (const kind of ['water', 'green', 'square', 'building']) {
      if (!this.paths[kind]) continue;
      c.fillStyle = colour(`--${kind}`);
      c.fill(this.paths[kind], 'nonzero');
      if (kind === 'building') this.stroke(c, this.paths[kind], colour('--building-edge'), 0.6 * px);
    }
    if (this.paths.area) this.stroke(c, this.paths.area, colour('--area'), 0.8 * px, [2 * px, 3 * px]);
    const wide = clamp(this.view.k * 6, 1.2, 9);
    const roads = [['path', '--path', null, 0.9], ['minor_road', '--road', '--road-edge', wide * 0.75], ['major_road', '--major', '--major-edge', wide], ['rail', '--rail', null, 1]];
    for (const [kind, , edge, width] of roads) if (edge && this.paths[kind]) this.stroke(c, this.paths[kind], colour(edge), (width + 1.4) * px);
    for (const [kind, fill, , width] of roads) if (this.paths[kind]) this.stroke(c, this.paths[kind], colour(fill), width * px);
  }

  stroke(c, path, style, width, dash = []) {
    c.setLineDash(dash);
    c.strokeStyle = style;
    c.lineWidth = width;
    c.stroke(path);
    c.setLineDash([]);
  }

  drawAreas(c, px, colour) {
    c.fillStyle = colour('--task-fill');
    c.fill(this.taskPath, 'evenodd');
    this.stroke(c, this.taskPath, colour('--task'), 1.4 * px);
    this.hatch(c, this.remainderPath, colour('--plan'), px, true);
  }

  drawZones(c, px, colour) {
    for (const [zone, path] of this.zonePaths) {
      if (zone.kind === 'keep_in') this.stroke(c, path, '#2e8b57', 1.6 * px, [8 * px, 4 * px]);
      else { this.hatch(c, path, colour('--warn'), px, false); this.stroke(c, path, colour('--warn'), 1.5 * px); }
    }
  }

  /** Fill a path with diagonal lines, crossed if asked. */
  hatch(c, path, style, px, crossed) {
    const [west, north] = this.toMetres(0, 0);
    const [east, south] = this.toMetres(this.width, this.height);
    const step = 9 * px;
    const tall = north - south;
    c.save();
    c.clip(path, 'evenodd');
    const lines = new Path2D();
    for (let x = Math.floor((west - tall) / step) * step; x < east; x += step) {
      lines.moveTo(x, south);
      lines.lineTo(x + tall, north);
      if (crossed) { lines.moveTo(x + tall, south); lines.lineTo(x, north); }
    }
    c.globalAlpha = 0.55;
    this.stroke(c, lines, style, px);
    c.restore();
  }

  drawPlan(c, px, colour) {
    for (const [drone, paths] of this.legPaths) {
      if (!this.app.shown.has(drone)) continue;
      this.stroke(c, this.path(paths), colour('--plan'), 1.2 * px, [3.5 * px, 3.5 * px]);
    }
  }

  drawStationsAndNames(c, colour, on) {
    const labels = new Labels(c, this.width, this.height, colour('--halo'));
    labels.block(0, 0, 48, 120);
    labels.block(0, 0, this.width - 60, 46);
    labels.block(0, this.height - 44, 170, this.height);
    for (const station of DATA.stations) this.drawStation(c, station, colour, labels);
    if (!on.has('labels')) return;
    for (const station of DATA.stations) {
      const [x, y] = this.toScreen(station.x, station.y);
      labels.write(nameLines(station.name || station.id), [[x + 11, y, 0, 0.5], [x - 11, y, 1, 0.5], [x, y - 11, 0.5, 1], [x, y + 11, 0.5, 0]], colour('--ink'), true);
    }
    if (on.has('areas')) for (const task of DATA.tasks) this.nameArea(labels, task, nameLines(task.name || task.id), colour('--ink'), true);
    if (on.has('zones')) {
      for (const zone of DATA.zones) {
        const extra = zone.illustrative && !/illustrative/i.test(zone.name || '') ? [`(${this.app.words.illustrative})`] : [];
        this.nameArea(labels, zone, [...nameLines(zone.name || zone.id, 26), ...extra], colour('--warn'), false);
      }
    }
  }

  drawStation(c, station, colour, labels) {
    const [x, y] = this.toScreen(station.x, station.y);
    c.fillStyle = colour('--ink');
    c.strokeStyle = colour('--halo');
    c.lineWidth = 3;
    c.beginPath();
    c.rect(x - 7, y - 7, 14, 14);
    c.stroke();
    c.fill();
    c.fillStyle = colour('--panel');
    c.font = '700 10px sans-serif';
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillText('H', x, y + 0.5);
    labels.block(x - 8, y - 8, x + 8, y + 8);
  }

  nameArea(labels, area, lines, colour, bold) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of area.rings) {
      for (let k = 0; k < ring.length; k += 2) {
        const [x, y] = this.toScreen(ring[k] / 10, ring[k + 1] / 10);
        left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
      }
    }
    if (right < 0 || left > this.width || bottom < 0 || top > this.height) return;
    const [x, y] = this.toScreen(area.x, area.y);
    const middle = (left + right) / 2;
    labels.write(lines, [[middle, top - 3, 0.5, 1], [middle, bottom + 3, 0.5, 0], [right + 4, (top + bottom) / 2, 0, 0.5], [left - 4, (top + bottom) / 2, 1, 0.5], [x, y, 0.5, 0.5]], colour, bold);
  }

  /** Add what was flown since the last frame; start anew after a change of view or a step back. */
  drawFlown(t, key) {
    const c = this.prepare(this.flown);
    if (key !== this.flownKey || t < this.flownUntil) {
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.clearRect(0, 0, this.flown.width, this.flown.height);
      this.flownKey = key;
      this.flownUntil = -Infinity;
    }
    if (t === this.flownUntil) return;
    const px = this.inMetres(c);
    c.lineJoin = 'round';
    c.lineCap = 'round';
    DRONES.forEach((drone, k) => {
      if (!this.app.shown.has(drone.id)) return;
      c.strokeStyle = this.app.droneColour(k);
      c.lineWidth = 1.7 * px;
      c.beginPath();
      this.trace(c, drone, this.flownUntil, t);
      c.stroke();
    });
    this.drawPhotos(c, px, this.flownUntil, t);
    this.flownUntil = t;
  }

  drawPhotos(c, px, from, to) {
    c.fillStyle = this.app.colour('--ink');
    const size = clamp(this.view.k * 2.5, 1.2, 4) * px;
    for (let i = lastAt(this.app.eventTimes, from) + 1; i < DATA.events.length && DATA.events[i].t <= to; i += 1) {
      const event = DATA.events[i];
      if (event.kind !== 'photo' || typeof event.lon !== 'number' || !this.app.shown.has(event.drone)) continue;
      const [x, y] = metresOf(event.lon, event.lat);
      c.fillRect(x - size / 2, y - size / 2, size, size);
    }
  }

  /** Add a drone's path between two moments to the current path, interpolated at both ends. */
  trace(c, drone, from, to) {
    let pen = false;
    const put = (x, y) => {
      if (Number.isNaN(x)) { pen = false; return; }
      if (pen) c.lineTo(x, y); else c.moveTo(x, y);
      pen = true;
    };
    const first = stateAt(drone, from);
    if (first) put(first.x, first.y);
    const end = lastAt(drone.time, to, drone.n);
    for (let i = Math.max(lastAt(drone.time, from, drone.n) + 1, 0); i <= end; i += 1) put(drone.x[i], drone.y[i]);
    const last = stateAt(drone, to);
    if (last) put(last.x, last.y);
  }

  drawTrails(c, t) {
    const px = this.inMetres(c);
    c.lineJoin = 'round';
    c.lineCap = 'round';
    DRONES.forEach((drone, k) => {
      if (!this.app.shown.has(drone.id)) return;
      c.strokeStyle = this.app.droneColour(k);
      for (const [seconds, width, alpha] of [[60, 4, 0.35], [20, 4.5, 0.6]]) {
        c.lineWidth = width * px;
        c.globalAlpha = alpha;
        c.beginPath();
        this.trace(c, drone, t - seconds, t);
        c.stroke();
      }
      c.globalAlpha = 1;
    });
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  drawDrones(c, t, alpha) {
    DRONES.forEach((drone, k) => {
      if (alpha === 1) this.drawn.delete(drone.id);
      if (!this.app.shown.has(drone.id)) return;
      const state = stateAt(drone, t) || (alpha === 1 ? restingState(drone, t) : null);
      if (!state) return;
      const [x, y] = this.toScreen(state.x, state.y);
      if (alpha === 1) this.drawn.set(drone.id, { x, y, east: state.x, north: state.y });
      c.globalAlpha = state.silent ? 0.5 * alpha : alpha;
      this.drawDrone(c, x, y, state, this.app.droneColour(k));
      this.nameDrone(c, x, y, drone.id, k);
      c.globalAlpha = 1;
    });
  }

  /** An arrow along the heading; a ring around it tells that the drone is in the air. */
  drawDrone(c, x, y, state, colour) {
    c.save();
    c.translate(x, y);
    c.rotate((state.yaw * Math.PI) / 180);
    c.beginPath();
    c.moveTo(0, -10);
    c.lineTo(7, 8);
    c.lineTo(0, 4.5);
    c.lineTo(-7, 8);
    c.closePath();
    c.lineWidth = 3.5;
    c.strokeStyle = this.app.colour('--panel');
    c.stroke();
    c.fillStyle = colour;
    c.fill();
    c.restore();
  }

  nameDrone(c, x, y, name, k) {
    c.font = `700 12px ${FONT}`;
    c.textAlign = 'left';
    c.textBaseline = 'middle';
    const width = c.measureText(name).width;
    const left = clamp(x + 12, 2, this.width - width - 12);
    c.fillStyle = this.app.droneColour(k);
    c.beginPath();
    c.roundRect(left, y - 19, width + 8, 16, 4);
    c.fill();
    c.fillStyle = this.app.theme === 'dark' ? '#10151a' : '#ffffff';
    c.fillText(name, left + 4, y - 10.5);
  }

  drawScale(c) {
    const limit = 120 / this.view.k;
    const power = 10 ** Math.floor(Math.log10(limit));
    const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= limit);
    const width = metres * this.view.k;
    const [x, y] = [14, this.height - 14];
    const ink = this.app.colour('--ink');
    c.lineWidth = 5;
    c.strokeStyle = this.app.colour('--halo');
    for (const pass of [0, 1]) {
      c.beginPath();
      c.moveTo(x, y - 6); c.lineTo(x, y); c.lineTo(x + width, y); c.lineTo(x + width, y - 6);
      c.stroke();
      if (!pass) { c.lineWidth = 1.6; c.strokeStyle = ink; }
    }
    this.textWithHalo(c, metres < 1000 ? `${metres} m` : `${metres / 1000} km`, x + width / 2, y - 10, '400 12px');
    const nx = this.width - 24;
    c.fillStyle = ink;
    c.beginPath();
    c.moveTo(nx, 12); c.lineTo(nx + 7, 34); c.lineTo(nx, 29); c.lineTo(nx - 7, 34);
    c.closePath();
    c.fill();
    this.textWithHalo(c, 'N', nx, 43, '700 12px');
  }

  textWithHalo(c, text, x, y, font) {
    c.font = `${font} ${FONT}`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.lineJoin = 'round';
    c.lineWidth = 3;
    c.strokeStyle = this.app.colour('--halo');
    c.strokeText(text, x, y);
    c.fillStyle = this.app.colour('--ink');
    c.fillText(text, x, y);
  }
}

function metresOf(lon, lat) {
  const east = ((((lon - DATA.origin[0] + 180) % 360) + 360) % 360) - 180;
  return [east * DATA.scale[0], (lat - DATA.origin[1]) * DATA.scale[1]];
}

function degreesOf(x, y) {
  return [x / DATA.scale[0] + DATA.origin[0], y / DATA.scale[1] + DATA.origin[1]];
}
