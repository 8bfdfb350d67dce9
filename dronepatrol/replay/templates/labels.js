// Names on the map, kept from covering each other.

class Labels {
  constructor(context, width, height, halo) {
    Object.assign(this, { context, width, height, halo });
    this.taken = [];
  }

  block(left, top, right, bottom) { this.taken.push([left, top, right, bottom]); }

  /** Write lines at the best of several places, each given as [x, y, shareX, shareY] of the box's anchor. */
  write(lines, places, colour, bold, must = true) {
    const c = this.context;
    c.font = `${bold ? 600 : 400} 12px ${FONT}`;
    const width = Math.max(...lines.map((line) => c.measureText(line).width)) + 2;
    const height = 14 * lines.length;
    let best = null;
    for (const [x, y, shareX, shareY] of places) {
      const left = x - shareX * width;
      const top = y - shareY * height;
      const cost = this.cost(left, top, left + width, top + height);
      if (!best || cost < best.cost) best = { left, top, cost };
      if (cost === 0) break;
    }
    if (!must && best.cost > 0) return;
    this.block(best.left, best.top, best.left + width, best.top + height);
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.lineJoin = 'round';
    c.lineWidth = 3.5;
    c.strokeStyle = this.halo;
    c.fillStyle = colour;
    lines.forEach((line, k) => {
      const at = [best.left + width / 2, best.top + 7 + 14 * k];
      c.strokeText(line, ...at);
      c.fillText(line, ...at);
    });
  }

  cost(left, top, right, bottom) {
    let covered = 0;
    for (const [l, t, r, b] of this.taken) {
      covered += Math.max(0, Math.min(right, r) - Math.max(left, l)) * Math.max(0, Math.min(bottom, b) - Math.max(top, t));
    }
    const inside = Math.max(0, Math.min(right, this.width) - Math.max(left, 0)) * Math.max(0, Math.min(bottom, this.height) - Math.max(top, 0));
    return covered + 3 * ((right - left) * (bottom - top) - inside);
  }
}

/** Break a name into lines of so many characters, at spaces where there are any. */
function nameLines(name, width = 18) {
  const words = String(name).split(/\s+/);
  const lines = [''];
  for (const word of words) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.slice(0, 4);
}
