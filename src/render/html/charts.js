// The charts of a report, drawn with uPlot by means of chart-kit.js.
(() => {
  const {
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
    count,
  } = globalThis.chartKit;
  const costParts = ['GB-seconds', 'Lambda requests', 'API Gateway', 'DynamoDB (estimate)'];

  function drawDistribution(host, series, temperature, range) {
    const shown = series.filter((one) => one[temperature]);
    if (shown.length === 0) {
      host.textContent = `No ${temperature} invocation.`;
      host.classList.add('empty');
      return;
    }
    const data = uPlot.join(shown.map((one) => [one[temperature].x, one[temperature].y]));
    draw(
      host,
      260,
      {
        scales: { x: logScale(range), y: { range: [0, 1.02] } },
        axes: [
          logAxis({ space: 40, size: 34 }),
          axis({ values: (_, splits) => splits.map((share) => `${share * 100} %`), size: 52 }),
        ],
        cursor: { dataIdx: stepBack },
        series: [
          { label: 'at most', value: (_, value) => milliseconds(value) },
          ...shown.map((one) => ({
            label: payload.names[one.name],
            stroke: color(one.name),
            dash: dash(one.name),
            marker: swatch(one.name),
            width: 2,
            spanGaps: true,
            // Few values make few steps, one makes none: show them as what they are.
            points: { show: one[temperature].x.length <= 30, size: 6, width: 2, fill: token('--card') },
            paths: uPlot.paths.stepped({ align: 1 }),
            value: (_, value) => percent(value),
          })),
        ],
        hooks: {
          draw: [
            (u) => {
              shown.forEach((one, index) => {
                // Each name on a height of its own, beside its curve: curves may lie upon each other.
                const share = 0.25 + (0.55 * (index + 0.5)) / shown.length;
                const { x, y } = one[temperature];
                const at = y.findIndex((value) => value >= share);
                label(
                  u,
                  payload.names[one.name],
                  u.valToPos(x[at], 'x', true) + 7 * devicePixelRatio,
                  u.valToPos(share, 'y', true),
                  color(one.name),
                );
              });
            },
          ],
        },
      },
      data,
    );
  }

  function drawOverTime(host, series) {
    const shown = series.filter((one) => one.overTime);
    if (shown.length === 0) {
      host.textContent = 'The rows were not read one by one.';
      host.classList.add('empty');
      return;
    }
    const slices = shown[0].overTime.p50.length;
    const x = Array.from({ length: slices }, (_, index) => ((index + 0.5) / slices) * 100);
    const values = shown
      .flatMap((one) => [...one.overTime.p50, ...one.overTime.max])
      .filter((value) => value != null);
    draw(
      host,
      240,
      {
        scales: { x: { time: false, range: [0, 100] }, y: logScale(spread(values, 1.3)) },
        axes: [
          axis({ values: (_, splits) => splits.map((share) => `${share} %`), size: 34 }),
          logAxis({ size: 62 }),
        ],
        series: [
          { label: 'of the run', value: (_, value) => (value == null ? '' : `${value.toFixed(0)} %`) },
          ...shown.flatMap((one) => [
            {
              label: `${payload.names[one.name]} (${Number(one.overTime.lengthS.toPrecision(3))} s)`,
              stroke: color(one.name),
              dash: dash(one.name),
              marker: swatch(one.name),
              width: 2,
              spanGaps: true,
              points: { show: false },
              value: (u, value, series, index) =>
                value == null
                  ? ''
                  : `p50 ${milliseconds(value)}, slowest ${milliseconds(u.data[series + 1][index])}`,
            },
            {
              label: `${payload.names[one.name]} slowest`,
              class: 'unlisted',
              stroke: color(one.name),
              width: 1,
              paths: () => null,
              points: { show: true, size: 4, width: 1, stroke: color(one.name), fill: token('--card') },
            },
          ]),
        ],
        hooks: {
          draw: [
            (u) => {
              const ends = shown.map((one) => {
                const last = one.overTime.p50.findLast((value) => value != null);
                return { one, y: u.valToPos(last, 'y', true) };
              });
              ends.sort((a, b) => a.y - b.y);
              let lowest = Number.NEGATIVE_INFINITY;
              for (const { one, y } of ends) {
                const at = Math.max(y, lowest + 14 * devicePixelRatio);
                lowest = at;
                const right = u.bbox.left + u.bbox.width + 6 * devicePixelRatio;
                label(u, payload.names[one.name], right, at, color(one.name));
              }
            },
          ],
        },
      },
      [x, ...shown.flatMap((one) => [one.overTime.p50, one.overTime.max])],
    );
  }

  // One place per run, the routes side by side with a gap between them.
  function slots(has) {
    const list = [];
    payload.routes.forEach(({ route, series }, routeIndex) => {
      const shown = series.filter(has);
      shown.forEach((one, index) => {
        list.push({
          x: list.length + routeIndex,
          one,
          route,
          isMiddle: index === Math.floor((shown.length - 1) / 2),
        });
      });
    });
    return list;
  }

  // Labels side by side need the width of the longest; else they are turned upright.
  const turnedLabels = 30 + 7 * (longestName + 6);
  const needsTurning = (host, list) =>
    (host.clientWidth - 80) / (list.length + payload.routes.length) < 7 * longestName + 6;

  const slotAxis = (list, isNarrow) =>
    axis({
      splits: () => list.map(({ x }) => x),
      filter: (_, splits) => splits,
      values: () =>
        list.map(({ one, route, isMiddle }) =>
          isNarrow
            ? `${payload.names[one.name]} ${route}`
            : `${payload.names[one.name]}${isMiddle ? `\n${route}` : '\n '}`,
        ),
      rotate: isNarrow ? -90 : 0,
      size: isNarrow ? turnedLabels : 48,
      gap: 6,
      grid: { show: false },
      ticks: { show: false },
    });
  const slotRange = (list) => [list[0].x - 0.8, list[list.length - 1].x + 0.8];

  function drawColdWarm(host) {
    const list = slots((one) => one.warmP50 != null || one.coldP50 != null);
    if (list.length === 0) return;
    const isNarrow = needsTurning(host, list);
    const values = list.flatMap(({ one }) => [one.warmP50, one.coldP50]).filter((value) => value != null);
    const points = (fill) => ({ show: true, size: 11, width: 2, stroke: token('--ink'), fill });
    draw(
      host,
      isNarrow ? 220 + turnedLabels : 300,
      {
        padding: [12, 12, 0, 0],
        scales: { x: { time: false, range: slotRange(list) }, y: logScale(spread(values, 1.6)) },
        axes: [slotAxis(list, isNarrow), logAxis({ size: 62 })],
        series: [
          {
            label: 'function',
            value: (_, value, __, index) =>
              value == null || index == null
                ? ''
                : `${payload.names[list[index].one.name]} ${list[index].route}`,
          },
          {
            label: 'warm p50 (filled)',
            class: 'dot',
            marker: token('--ink'),
            paths: () => null,
            points: points(token('--ink')),
            stroke: token('--ink'),
            value: (_, value) => milliseconds(value),
          },
          {
            label: 'cold p50 (hollow)',
            class: 'dot',
            marker: token('--card'),
            paths: () => null,
            points: points(token('--card')),
            stroke: token('--ink'),
            value: (_, value) => milliseconds(value),
          },
        ],
        hooks: {
          // The bar between the two: how much a cold start adds.
          drawAxes: [
            (u) => {
              const { ctx } = u;
              ctx.save();
              ctx.lineWidth = 3 * devicePixelRatio;
              for (const { x, one } of list) {
                if (one.warmP50 == null || one.coldP50 == null) continue;
                const at = u.valToPos(x, 'x', true);
                ctx.strokeStyle = color(one.name);
                ctx.setLineDash(dash(one.name).map((length) => length * devicePixelRatio));
                ctx.beginPath();
                ctx.moveTo(at, u.valToPos(one.warmP50, 'y', true));
                ctx.lineTo(at, u.valToPos(one.coldP50, 'y', true));
                ctx.stroke();
              }
              ctx.restore();
            },
          ],
        },
      },
      [
        list.map(({ x }) => x),
        list.map(({ one }) => one.warmP50 ?? null),
        list.map(({ one }) => one.coldP50 ?? null),
      ],
    );
  }

  function labelTops(list, top, text) {
    return (u) => {
      const { ctx } = u;
      ctx.save();
      ctx.fillStyle = token('--ink');
      ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.textAlign = 'center';
      for (const slot of list) {
        const value = top(slot.one);
        ctx.fillText(
          text(value),
          u.valToPos(slot.x, 'x', true),
          u.valToPos(value, 'y', true) - 5 * devicePixelRatio,
        );
      }
      ctx.restore();
    };
  }

  function drawMemory(host) {
    const list = slots((one) => one.memoryMB != null);
    if (list.length === 0) return;
    const isNarrow = needsTurning(host, list);
    const names = [...new Set(list.map(({ one }) => one.name))];
    const limit = payload.memorySizeMB;
    const most = Math.max(...list.map(({ one }) => one.memoryMB), limit ?? 0);
    draw(
      host,
      isNarrow ? 220 + turnedLabels : 260,
      {
        padding: [12, 12, 0, 0],
        scales: { x: { time: false, range: slotRange(list) }, y: { range: [0, most * 1.15] } },
        axes: [
          slotAxis(list, isNarrow),
          axis({ values: (_, splits) => splits.map((value) => `${value} MB`), size: 62 }),
        ],
        legend: { live: false },
        series: [
          { label: 'function' },
          ...names.map((name) => ({
            label: payload.names[name],
            stroke: color(name),
            fill: color(name),
            class: 'area',
            marker: color(name),
            width: 0,
            points: { show: false },
            paths: uPlot.paths.bars({ size: [0.7, 56] }),
          })),
        ],
        hooks: {
          draw: [
            labelTops(
              list,
              (one) => one.memoryMB,
              (value) => value.toFixed(0),
            ),
            (u) => {
              if (limit == null) return;
              const { ctx } = u;
              const y = u.valToPos(limit, 'y', true);
              ctx.save();
              ctx.strokeStyle = token('--quiet');
              ctx.fillStyle = token('--quiet');
              ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
              ctx.beginPath();
              ctx.moveTo(u.bbox.left, y);
              ctx.lineTo(u.bbox.left + u.bbox.width, y);
              ctx.stroke();
              ctx.textAlign = 'left';
              ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
              ctx.fillText(
                `memory size ${limit} MB`,
                u.bbox.left + 6 * devicePixelRatio,
                y - 5 * devicePixelRatio,
              );
              ctx.restore();
            },
          ],
        },
      },
      [
        list.map(({ x }) => x),
        ...names.map((name) => list.map(({ one }) => (one.name === name ? one.memoryMB : null))),
      ],
    );
  }

  function drawCost(host) {
    const list = slots((one) => one.costUsd != null);
    if (list.length === 0) return;
    const isNarrow = needsTurning(host, list);
    const total = (one, parts = costParts.length) =>
      one.costUsd.slice(0, parts).reduce((sum, value) => sum + value, 0);
    const most = Math.max(...list.map(({ one }) => total(one)));
    // Bars of the sums, the longest first, so that each part's upper end shows above the next.
    const layers = costParts.map((_, index) => costParts.length - index);
    draw(
      host,
      isNarrow ? 220 + turnedLabels : 280,
      {
        padding: [12, 12, 0, 0],
        scales: { x: { time: false, range: slotRange(list) }, y: { range: [0, most * 1.12] } },
        axes: [
          slotAxis(list, isNarrow),
          axis({ values: (_, splits) => splits.map((value) => `$${value}`), size: 52 }),
        ],
        series: [
          {
            label: 'function',
            value: (_, value, __, index) =>
              value == null || index == null
                ? ''
                : `${payload.names[list[index].one.name]} ${list[index].route}`,
          },
          ...layers.map((parts) => ({
            label: costParts[parts - 1],
            stroke: token('--card'),
            fill: token(`--part-${parts}`),
            class: 'area',
            marker: token(`--part-${parts}`),
            width: 1,
            points: { show: false },
            paths: uPlot.paths.bars({ size: [0.7, 56] }),
            value: (_, value, __, index) =>
              value == null || index == null ? '' : dollars(list[index].one.costUsd[parts - 1]),
          })),
        ],
        hooks: { draw: [labelTops(list, (one) => total(one), dollars)] },
      },
      [list.map(({ x }) => x), ...layers.map((parts) => list.map(({ one }) => total(one, parts)))],
    );
  }

  function drawAll() {
    destroyAll();
    const host = (name) => document.querySelector(`[data-chart="${name}"]`);
    const into = (name, work) => {
      const element = host(name);
      if (element) {
        element.textContent = '';
        work(element);
      }
    };
    into('cold-warm', drawColdWarm);
    for (const { route, series } of payload.routes) {
      const all = series.flatMap((one) => [...(one.warm?.x ?? []), ...(one.cold?.x ?? [])]);
      const range = all.length === 0 ? [1, 10] : spread(all);
      into(`warm-${route}`, (element) => drawDistribution(element, series, 'warm', range));
      into(`cold-${route}`, (element) => drawDistribution(element, series, 'cold', range));
      into(`time-${route}`, (element) => drawOverTime(element, series));
    }
    into('memory', drawMemory);
    into('cost', drawCost);
    document.documentElement.dataset.charts = String(count());
  }

  drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let width = document.documentElement.clientWidth;
  let pending = 0;
  addEventListener('resize', () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    clearTimeout(pending);
    pending = setTimeout(drawAll, 150);
  });
})();
