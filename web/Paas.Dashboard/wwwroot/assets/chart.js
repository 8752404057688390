import uPlot from "../lib/uplot/uPlot.esm.js";

// Draws what Controls/Chart.razor gives it: bars or lines over an hour, in the colours of the theme.

const COLOURS = { accent: "--accent", bad: "--bad", quiet: "--quiet" };
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const at = (seconds) => clock.format(new Date(seconds * 1000));
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
let sheet = null;

/** data: ChartLines. Returns { update(data), dispose() } for the host. */
export async function open(root, data) {
  await (sheet ??= styles());
  return new Chart(root, data);
}

class Chart {
  #root;
  #reading;
  #plot = null;
  #data;
  #waiting = null;
  #leave = new AbortController();
  #size;
  #probe = document.createElement("i");
  #colours = {};

  constructor(root, data) {
    [this.#root, this.#reading] = [root, root.nextElementSibling];
    this.#probe.hidden = true;
    root.append(this.#probe);
    this.#draw(data);
    this.#size = new ResizeObserver(() => this.#plot.setSize(this.#room()));
    this.#size.observe(root);
    // The theme is switched on the page or by the system.
    this.#size.theme = new MutationObserver(() => this.#recolour());
    this.#size.theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#recolour(), { signal: this.#leave.signal });
    // Nothing moves under the pointer: what came meanwhile is drawn when it leaves.
    root.addEventListener("pointerleave", () => {
      const next = this.#waiting;
      this.#waiting = null;
      this.#reading.textContent = "";
      if (next) this.update(next);
    }, { signal: this.#leave.signal });
  }

  update(data) {
    if (this.#root.matches(":hover")) {
      this.#waiting = data;
    } else if (sameLines(data, this.#data)) {
      this.#data = data;
      this.#plot.setData(columns(data));
    } else {
      this.#draw(data);
    }
  }

  dispose() {
    this.#leave.abort();
    this.#size.disconnect();
    this.#size.theme.disconnect();
    this.#plot.destroy();
    this.#probe.remove();
  }

  #draw(data) {
    this.#data = data;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(data), columns(data), this.#root);
  }

  #options(data) {
    const bars = data.kind === "bars";
    const paths = bars ? uPlot.paths.bars({ size: [0.7, 12], align: 1 }) : uPlot.paths.linear();
    const axis = { stroke: () => this.#colour("--ink-2"), font: "12px system-ui, sans-serif", grid: { stroke: () => this.#colour("--line"), width: 1 }, ticks: { show: false } };
    return {
      ...this.#room(),
      padding: [8, 24, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { show: !bars } },
      scales: {
        x: { time: true, range: () => [this.#data.from, this.#data.from + this.#data.step * (this.#data.lines[0].values.length - (bars ? 0 : 1))] },
        y: { range: (plot, low, high) => [0, Math.max((high ?? 0) * 1.05, (this.#data.limit ?? 0) * 1.05, bars ? 4 : 1)] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 24, space: 64, values: (plot, splits) => splits.map(at) },
        { ...axis, size: 56, space: 32, incrs: bars ? undefined : [1, 2, 5, 10, 20, 50, 100, 128, 256, 512, 1024, 2048, 4096, 8192, 16384], values: (plot, splits) => splits.map((value) => value === 0 ? "0" : bars ? (Number.isInteger(value) ? number.format(value) : "") : `${number.format(value)} MB`) },
      ],
      series: [
        {},
        ...data.lines.map((line) => ({
          label: line.name, paths, points: { show: false }, width: bars ? 0 : 1.5,
          stroke: () => this.#colour(COLOURS[line.tone]),
          fill: bars ? () => this.#colour(COLOURS[line.tone]) : undefined,
        })),
        ...(data.limit == null ? [] : [{ label: "limit", width: 1, dash: [4, 4], points: { show: false }, stroke: () => this.#colour("--bad") }]),
      ],
      hooks: { setCursor: [(plot) => this.#read(plot.cursor.idx)], draw: bars ? [(plot) => this.#mark(plot)] : [] },
    };
  }

  /** Says what lies under the pointer, in a line of its own: no box covers the picture. */
  #read(index) {
    if (index == null || this.#data.lines[0].values[index] === undefined) {
      this.#reading.textContent = "";
      return;
    }

    const { from, step, unit, lines, limit } = this.#data;
    const values = lines.filter((line) => line.values[index] != null);
    const said = this.#data.kind === "bars"
      ? values.map((line) => `${number.format(line.values[index])} ${line.name}`).join(", ")
      : values.map((line) => `${line.name} ${number.format(line.values[index])} ${unit}`).join(", ") + (limit == null ? "" : `; limit ${number.format(limit)} ${unit}`);
    this.#reading.textContent = `${at(from + step * index)}: ${values.length ? said : "did not run"}`;
  }

  /** One failure among thousands is still seen. */
  #mark(plot) {
    const bad = this.#data.lines.findIndex((line) => line.tone === "bad");
    const [ctx, ratio, ground] = [plot.ctx, uPlot.pxRatio, plot.bbox.top + plot.bbox.height];
    ctx.fillStyle = this.#colour(COLOURS.bad);
    plot.data[bad + 1].forEach((value, index) => {
      if (value > 0) {
        const [from, to] = [0, 0.7].map((part) => plot.valToPos(plot.data[0][index] + part * this.#data.step, "x", true));
        ctx.fillRect(from, ground - 3 * ratio, Math.min(to - from, 12 * ratio), 3 * ratio);
      }
    });
  }

  #room() {
    return { width: Math.max(120, this.#root.clientWidth), height: this.#root.clientHeight };
  }

  #recolour() {
    this.#colours = {};
    this.#plot.redraw(false);
  }

  /** A variable's value is a function of the theme until an element uses it. */
  #colour(name) {
    if (!this.#colours[name]) {
      this.#probe.style.color = `var(${name})`;
      this.#colours[name] = getComputedStyle(this.#probe).color;
    }

    return this.#colours[name];
  }
}

function columns(data) {
  const { from, step, lines, limit } = data;
  const times = lines[0].values.map((_, index) => from + step * index);
  return [times, ...lines.map((line) => line.values), ...(limit == null ? [] : [times.map(() => limit)])];
}

function sameLines(one, other) {
  return one.kind === other.kind && one.limit === other.limit && one.lines.map((line) => line.name).join() === other.lines.map((line) => line.name).join();
}

function styles() {
  const link = document.createElement("link");
  [link.rel, link.href] = ["stylesheet", new URL("../lib/uplot/uPlot.min.css", import.meta.url).href];
  return new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}
