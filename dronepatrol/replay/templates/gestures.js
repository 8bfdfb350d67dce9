// Hands on the map: drag, wheel, pinch, hover over a path, click to go to its moment.

const REACH_PX = 9;

FlightMap.prototype.listen = function listen() {
  const pointers = new Map();
  let moved = 0;
  const place = (event) => {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  this.canvas.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    moved = 0;
  });
  this.canvas.addEventListener('pointermove', (event) => {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) { this.hover(...now); return; }
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (pointers.size === 2) this.pinch(pointers, event.pointerId, now);
    else this.pan(now[0] - before[0], now[1] - before[1]);
    pointers.set(event.pointerId, now);
  });
  const release = (event) => {
    if (event.type === 'pointerup' && pointers.has(event.pointerId) && moved < 4) {
      const hit = this.nearest(...place(event));
      if (hit) this.app.setTime(hit.t);
    }
    pointers.delete(event.pointerId);
  };
  this.canvas.addEventListener('pointerup', release);
  this.canvas.addEventListener('pointercancel', release);
  this.canvas.addEventListener('pointerleave', () => { this.app.setHover(null); this.tip(null); });
  this.canvas.addEventListener('dblclick', (event) => this.zoom(2, ...place(event)));
  this.canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const step = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
    this.zoom(Math.exp(-clamp(step, -300, 300) / 400), ...place(event));
  }, { passive: false });
};

FlightMap.prototype.pan = function pan(dx, dy) {
  this.view = { ...this.view, x: this.view.x - dx / this.view.k, y: this.view.y + dy / this.view.k };
  this.app.refresh();
};

FlightMap.prototype.pinch = function pinch(pointers, moving, now) {
  const before = pointers.get(moving);
  const other = [...pointers].find(([id]) => id !== moving)[1];
  const ratio = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(Math.hypot(before[0] - other[0], before[1] - other[1]), 1);
  this.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  this.zoom(ratio, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
};

/** The moment at which a shown drone passed nearest to a place on the screen, if it passed near. */
FlightMap.prototype.nearest = function nearest(px, py) {
  if (!this.view) return null;
  const [x, y] = this.toMetres(px, py);
  const reach = REACH_PX / this.view.k;
  let best = null;
  for (const drone of DRONES) {
    if (!this.app.shown.has(drone.id)) continue;
    for (let i = 0; i + 1 < drone.n; i += 1) {
      const ax = drone.x[i];
      const ay = drone.y[i];
      const dx = drone.x[i + 1] - ax;
      const dy = drone.y[i + 1] - ay;
      const square = dx * dx + dy * dy;
      const share = square > 0 ? clamp(((x - ax) * dx + (y - ay) * dy) / square, 0, 1) : 0;
      const distance = Math.hypot(x - ax - share * dx, y - ay - share * dy);
      if (distance < (best ? best.distance : reach)) {
        best = { drone, distance, t: drone.time[i] + share * (drone.time[i + 1] - drone.time[i]) };
      }
    }
  }
  return best;
};

FlightMap.prototype.hover = function hover(px, py) {
  const hit = this.nearest(px, py);
  this.app.setHover(hit ? hit.t : null);
  this.canvas.style.cursor = hit ? 'pointer' : '';
  if (!hit) { this.tip(null); return; }
  const state = stateAt(hit.drone, hit.t);
  const numbers = state ? `${fixed(state.altitude, 0)} m · ${fixed(state.speed, 1)} m/s · ${fixed(state.battery, 0)} %` : '';
  this.tip(`${hit.drone.id}  ${clockText(hit.t)}\n${numbers}`, px, py);
};

FlightMap.prototype.tip = function tip(text, px, py) {
  const box = byId('tip');
  box.hidden = text === null;
  if (text === null) return;
  box.textContent = text;
  box.style.left = `${clamp(px + 14, 4, this.width - box.offsetWidth - 4)}px`;
  box.style.top = `${clamp(py + 14, 4, this.height - box.offsetHeight - 4)}px`;
};
