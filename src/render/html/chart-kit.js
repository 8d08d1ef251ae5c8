// What the charts of a report share: colours and patterns of the theme, axes, labels. Stands in the page as it is:
// plain script, no module, nothing fetched.
(() => {
  const payload = JSON.parse(document.getElementById('chart-data').textContent);
  // Patterns tell the runtimes apart where colours don't.
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2, 1, 2]];
  let charts = [];
  const longestName = Math.max(...payload.names.map((name) => name.length), 4);
  // Names stand at the right of curves: about seven pixels a letter, and no more than a third of a small chart.
  const labelRoom = Math.min(190, 24 + 7.6 * longestName);

  // A line's pattern as a background, for the legend.
  function swatch(index) {
    const stops = [];
    let at = 0;
    dash(index).forEach((length, place) => {
      stops.push(`${place % 2 === 0 ? color(index) : 'transparent'} ${at}px ${at + length}px`);
      at += length;
    });
    return stops.length === 0 ? color(index) : `repeating-linear-gradient(90deg, ${stops.join(', ')})`;
  }

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = (index) => token(`--series-${(index % 6) + 1}`);
  const dash = (index) => dashes[index % dashes.length];

  function milliseconds(value) {
    if (value == null) return '';
    if (value >= 1000) return `${Number((value / 1000).toPrecision(3))} s`;
    return `${Number(value.toPrecision(3))} ms`;
  }
  const percent = (value) => (value == null ? '' : `${(value * 100).toFixed(1)} %`);
  const dollars = (value) =>
    value == null ? '' : `$${value < 0.1 && value > 0 ? value.toPrecision(2) : value.toFixed(2)}`;

  function axis(options) {
    return {
      stroke: token('--quiet'),
      grid: { stroke: token('--line'), width: 1 },
      ticks: { stroke: token('--line'), width: 1, size: 4 },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
      ...options,
    };
  }

  // Marks of a logarithmic scale that fit: powers of ten, and where these are few, their doubles and fives.
  function logMarks(min, max) {
    const marks = [];
    for (const steps of [
      [1],
      [1, 3],
      [1, 2, 5],
      [1, 2, 3, 5],
      [1, 1.5, 2, 3, 5, 7],
      [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
    ]) {
      marks.length = 0;
      for (let power = Math.floor(Math.log10(min)); 10 ** power <= max; power++) {
        for (const step of steps) {
          const mark = step * 10 ** power;
          if (mark >= min && mark <= max) marks.push(Number(mark.toPrecision(6)));
        }
      }
      if (marks.length >= 3) break;
    }
    return marks;
  }

  const logScale = (range) => ({ time: false, distr: 3, range: () => range });
  const logAxis = (options) =>
    axis({
      splits: (u, index) => {
        const { min, max } = u.scales[u.axes[index].scale];
        return logMarks(min, max);
      },
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map(milliseconds),
      ...options,
    });

  function spread(values, factor = 1.15) {
    // A logarithm has no place for 0.
    return [Math.max(Math.min(...values), 0.001) / factor, Math.max(...values, 0.001) * factor];
  }

  function draw(host, height, options, data) {
    const chart = new uPlot(
      {
        width: host.clientWidth,
        height,
        padding: [12, labelRoom, 0, 0],
        ...options,
        legend: {
          markers: { width: 0, fill: (u, index) => u.series[index].marker ?? 'none' },
          ...options.legend,
        },
        cursor: { points: { show: false }, drag: { x: true, y: false }, ...options.cursor },
      },
      data,
      host,
    );
    charts.push({ chart, host, height });
  }

  // A word beside a curve, with a halo that keeps it readable on lines.
  function label(u, text, x, y, ink) {
    const { ctx } = u;
    ctx.save();
    ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = token('--card');
    ctx.strokeText(text, x, y);
    ctx.fillStyle = ink;
    ctx.fillText(text, x, y);
    ctx.restore();
  }

  // The last known value at or before the hovered place: the curves have their points at different places.
  function stepBack(u, seriesIndex, hovered) {
    let index = hovered;
    while (index > 0 && u.data[seriesIndex][index] == null) index--;
    return index;
  }

  function destroyAll() {
    for (const { chart } of charts) chart.destroy();
    charts = [];
  }

  globalThis.chartKit = {
    payload,
    longestName,
    token,
    color,
    dash,
    swatch,
    milliseconds,
    percent,
    dollars,
    axis,
    logScale,
    logAxis,
    spread,
    draw,
    label,
    stepBack,
    destroyAll,
    count: () => charts.length,
  };
})();
