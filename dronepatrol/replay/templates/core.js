// Columns, lookups and the clock.

const DATA = JSON.parse(document.getElementById('data').textContent);
const FONT = '"Patrol CJK", system-ui, "Segoe UI", Roboto, sans-serif';
const COLUMNS = ['x', 'y', 'altitude', 'speed', 'battery', 'yaw'];
const byId = (id) => document.getElementById(id);

function decodeDrone(packed) {
  const bytes = Uint8Array.from(atob(packed.columns), (c) => c.charCodeAt(0)).buffer;
  const n = packed.n;
  const drone = { id: packed.id, n, time: new Float64Array(bytes, 0, n), modes: packed.modes };
  COLUMNS.forEach((name, k) => { drone[name] = new Float32Array(bytes, 8 * n + 4 * n * k, n); });
  return drone;
}

const DRONES = DATA.drones.map(decodeDrone);

/** Index of the last of the sorted values that is not above t, or -1. */
function lastAt(values, t, length = values.length) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= t) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** State of a drone at a moment; null before its first and after its last sample, and in a silence. */
function stateAt(drone, t) {
  if (!drone.n || t < drone.time[0] || t > drone.time[drone.n - 1]) return null;
  const i = lastAt(drone.time, t, drone.n);
  const j = Math.min(i + 1, drone.n - 1);
  const span = drone.time[j] - drone.time[i];
  const share = span > 0 ? (t - drone.time[i]) / span : 0;
  const state = { index: i };
  for (const name of COLUMNS) {
    const a = drone[name][i];
    state[name] = share === 0 ? a : a + share * (drone[name][j] - a);
  }
  if (Number.isNaN(state.x)) return null;
  if (Number.isNaN(state.yaw)) state.yaw = course(drone, i);
  state.mode = modeAt(drone, t);
  return state;
}

/** Where the drone is drawn outside its record: at its first or last known place. */
function restingState(drone, t) {
  if (!drone.n) return null;
  const i = t < drone.time[0] ? 0 : lastKnown(drone, t);
  if (i < 0) return null;
  const state = { index: i, silent: true, mode: '' };
  for (const name of COLUMNS) state[name] = drone[name][i];
  if (Number.isNaN(state.yaw)) state.yaw = course(drone, i);
  return state;
}

function lastKnown(drone, t) {
  let i = lastAt(drone.time, t, drone.n);
  while (i >= 0 && Number.isNaN(drone.x[i])) i -= 1;
  return i;
}

function course(drone, i) {
  const j = i + 1 < drone.n ? i : Math.max(i - 1, 0);
  const dx = drone.x[j + 1] - drone.x[j];
  const dy = drone.y[j + 1] - drone.y[j];
  return dx || dy ? (Math.atan2(dx, dy) * 180) / Math.PI : 0;
}

function modeAt(drone, t) {
  let mode = '';
  for (const [since, name] of drone.modes) { if (since > t) break; mode = name; }
  return mode;
}

/** Spans in which a drone is more than half a metre up. */
function flyingSpans(drone) {
  const spans = [];
  for (let i = 0; i + 1 < drone.n; i += 1) {
    const up = drone.altitude[i] > 0.5 || drone.altitude[i + 1] > 0.5;
    if (!up) continue;
    const last = spans[spans.length - 1];
    if (last && drone.time[i] - last[1] < 1) last[1] = drone.time[i + 1];
    else spans.push([drone.time[i], drone.time[i + 1]]);
  }
  return spans;
}

function offsetAt(t) {
  let offset = 0;
  for (const [since, seconds] of DATA.offsets) { if (since > t) break; offset = seconds; }
  return offset;
}

const twoDigits = (value) => String(value).padStart(2, '0');

/** Local wall-clock time of a moment, by the offsets that the page carries. */
function localDate(t) {
  return new Date(DATA.start_ms + (t + offsetAt(t)) * 1000);
}

function clockText(t, seconds = true) {
  const d = localDate(t);
  const text = `${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}`;
  return seconds ? `${text}:${twoDigits(d.getUTCSeconds())}` : text;
}

function dayText(t) {
  const d = localDate(t);
  return `${d.getUTCFullYear()}-${twoDigits(d.getUTCMonth() + 1)}-${twoDigits(d.getUTCDate())}`;
}

function spanText(t) {
  const s = Math.floor(t + 1e-6);
  const text = `${twoDigits(Math.floor(s / 60) % 60)}:${twoDigits(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${text}` : text;
}

/** Moments of round local time between two, at most `most` of them. */
function clockTicks(from, to, most) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const step = steps.find((s) => (to - from) / s <= most) || 86400 * Math.ceil((to - from) / 86400 / most);
  const phase = DATA.start_ms / 1000 + offsetAt(from);
  const ticks = [];
  for (let t = Math.ceil((from + phase) / step) * step - phase; t <= to; t += step) ticks.push(t);
  return { ticks, seconds: step < 60 };
}

const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** An element with text and children; text is never read as markup. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'text') node.textContent = value;
    else if (key === 'class') node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** Size a canvas to its box in device pixels; returns its context and size in CSS pixels. */
function sized(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height, ratio };
}

const PALETTES = {
  light: ['#0072b2', '#d55e00', '#009e73', '#aa3c85', '#8c6d00', '#3f8fc4', '#7a4b2a', '#4b4b4b'],
  dark: ['#56b4e9', '#ff9248', '#3fd1a4', '#e38cc4', '#e8c53a', '#9bc8f0', '#d6a27c', '#c3cad2'],
};
const MARKS = ['circle', 'triangle', 'square', 'diamond'];

/** Draw a drone's mark: shapes differ where colours repeat or cannot be told apart. */
function drawMark(context, mark, x, y, r) {
  context.beginPath();
  if (mark === 'circle') context.arc(x, y, r, 0, 2 * Math.PI);
  else if (mark === 'square') context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  else {
    const corners = mark === 'triangle' ? [-90, 30, 150] : [-90, 0, 90, 180];
    corners.forEach((degrees, k) => {
      const a = (degrees * Math.PI) / 180;
      const place = [x + 1.2 * r * Math.cos(a), y + 1.2 * r * Math.sin(a)];
      if (k) context.lineTo(...place); else context.moveTo(...place);
    });
    context.closePath();
  }
}
