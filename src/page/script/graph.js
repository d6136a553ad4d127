// The last ten minutes of one figure. A graph is drawn while it can be seen and costs nothing otherwise: there may be
// hundreds.
const graphs = (() => {
  const MINUTES = 10;
  const HEIGHT = 92;
  const MIN_SPACING_SECONDS = 5;
  const owners = new WeakMap();  // Graph by its canvas element

  const seen = new IntersectionObserver(entries => {
    for (const entry of entries) owners.get(entry.target)?.setVisible(entry.isIntersecting);
  }, {rootMargin: '200px'});
  const resized = new ResizeObserver(entries => {
    for (const entry of entries) owners.get(entry.target)?.fit();
  });

  let isPrinting = false;  // then all are drawn, seen or not

  // Seconds between the points of a history: it takes the first poll after five seconds.
  const spacing = interval => Math.ceil(MIN_SPACING_SECONDS / interval) * interval;

  // Where polls failed, a line would be a guess: a point without a value interrupts it.
  function withGaps(times, values, spacing) {
    const found = {times: [], values: []};
    times.forEach((time, i) => {
      if (i > 0 && time - times[i - 1] > 1.9 * spacing) {
        found.times.push((time + times[i - 1]) / 2);
        found.values.push(null);
      }
      found.times.push(time);
      found.values.push(values[i] ?? null);
    });
    return found;
  }

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  class Graph {
    // `figure` is empty. `options`: title; format(value) to text; top(values) of the scale; and marks(), the values at
    // which there is a dashed line.
    constructor(figure, options) {
      const {node, at} = dom.fromTemplate('graph');
      figure.append(...node.childNodes);
      Object.assign(this, {options, at, visible: false, plot: null, hovered: null, times: [], values: []});
      dom.setText(at.title, options.title);
      owners.set(at.canvas, this);
      seen.observe(at.canvas);
      resized.observe(at.canvas);
    }

    // Unix seconds, and a value or null for each. `clock`: now, and the spacing() of points.
    show(times, values, {now, spacing}) {
      Object.assign(this, {now, ...withGaps(times, values, spacing)});
      dom.setAttribute(this.at.canvas, 'aria-label', this.summary());
      this.showReading();
      this.draw();
    }

    close() {
      seen.unobserve(this.at.canvas);
      resized.unobserve(this.at.canvas);
      this.erase();
    }

    setVisible(visible) {
      this.visible = visible;
      this.draw();
    }

    fit() {
      const width = this.at.canvas.clientWidth;
      if (this.plot && width) this.plot.setSize({width, height: HEIGHT});
    }

    redraw() {
      this.plot?.redraw(false);
    }

    erase() {
      this.plot?.destroy();
      this.plot = null;
    }

    draw() {
      if (!this.visible && !isPrinting) return this.erase();
      const data = [this.times.map(time => time - this.now), this.values];
      if (this.plot) return this.plot.setData(data);
      if (this.at.canvas.clientWidth) this.plot = new uPlot(this.plotOptions(), data, this.at.canvas);
    }

    // What a listener hears, and a title for all others: the picture in words.
    summary() {
      const known = this.values.filter(value => value !== null);
      if (known.length === 0) return `${this.options.title}: nothing known yet`;
      const {format, title} = this.options;
      return `${title}: lowest ${format(Math.min(...known))}, highest ${format(Math.max(...known))}, ` +
        `last ${format(known.at(-1))}`;
    }

    // The value under the pointer, else the range.
    showReading() {
      const {format} = this.options;
      const known = this.values.filter(value => value !== null);
      const range = [...new Set([Math.min(...known), Math.max(...known)].map(format))].join(' to ');
      let reading = known.length ? range : '';
      if (this.hovered !== null && this.hovered < this.values.length) {
        const value = this.values[this.hovered];
        reading = `${value === null ? words.UNKNOWN : format(value)} at ${words.timeOfDay(this.times[this.hovered])}`;
      }
      dom.setText(this.at.reading, reading);
    }

    plotOptions() {
      const line = {stroke: () => color('rule'), width: 1};
      const axis = {font: '11px system-ui, sans-serif', stroke: () => color('ink-soft'), ticks: {show: false}, gap: 4};
      const top = () => Math.max(Number.MIN_VALUE, this.options.top(this.values.filter(value => value !== null)));
      return {
        width: this.at.canvas.clientWidth,
        height: HEIGHT,
        padding: [7, 26, 0, 0],
        legend: {show: false},
        cursor: {y: false, drag: {setScale: false, x: false}, points: {size: 6, fill: () => color('used')}},
        scales: {x: {time: false, range: [-60 * MINUTES, 0]}, y: {range: () => [0, top()]}},
        axes: [
          {...axis, size: 18, grid: {show: false}, splits: [-60 * MINUTES, -30 * MINUTES, 0],
            values: () => [`${MINUTES} min ago`, `${MINUTES / 2}`, 'now'], align: 1},
          {...axis, size: 46, grid: line, splits: () => [0, top() / 2, top()],
            values: (_, splits) => splits.map(this.options.format)},
        ],
        series: [{}, {
          stroke: () => color('used'), fill: () => color('used-soft'), width: 1.75,
          points: {show: true, filter: () => this.loners(), size: 4, fill: () => color('used')},
        }],
        hooks: {
          drawAxes: [plot => this.drawMarks(plot)],
          setCursor: [plot => {
            this.hovered = plot.cursor.idx ?? null;
            this.showReading();
          }],
        },
      };
    }

    // Points that no line leads to: they are drawn as such.
    loners() {
      const isKnown = i => (this.values[i] ?? null) !== null;
      return [...this.values.keys()].filter(i => isKnown(i) && !isKnown(i - 1) && !isKnown(i + 1));
    }

    drawMarks(plot) {
      const {ctx, bbox} = plot;
      ctx.save();
      ctx.strokeStyle = color('mark');
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const value of this.options.marks()) {
        const y = Math.round(plot.valToPos(value, 'y', true));
        if (y < bbox.top) continue;
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
      ctx.restore();
    }
  }

  function forEach(action) {
    for (const canvas of document.querySelectorAll('.canvas')) {
      if (owners.has(canvas)) action(owners.get(canvas));
    }
  }

  function setPrinting(printing) {
    isPrinting = printing;
    forEach(graph => graph.draw());
  }

  // The colours are read at each drawing.
  const dark = matchMedia('screen and (prefers-color-scheme: dark)');
  dark.addEventListener('change', () => forEach(graph => graph.redraw()));
  addEventListener('beforeprint', () => setPrinting(true));
  addEventListener('afterprint', () => setPrinting(false));

  return {Graph, spacing};
})();
