import { parse } from "./ansi.js";

// One row as elements. Text goes in as text only, whatever it holds.

/** Longer lines are cut in sight until one asks for all. */
const LONGEST = 4096;
const COLOURS = 8;

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** context: { times, colourOf(source), ranges(text), current(line), linkTo(line) } */
export function draw(item, context) {
  return item.title === undefined ? drawLine(item, context) : drawTitle(item);
}

export const colourOf = (sources, source) => `c${sources.indexOf(source) % COLOURS}`;

/** "12:01:02.123", with the date when it was not today. */
export function time(at) {
  const date = new Date(at);
  const two = (number, digits = 2) => String(number).padStart(digits, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
  return date.toDateString() === new Date().toDateString() ? clock : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** How many columns a line takes as it is shown: some characters take two. */
export const columnsOf = (item) => (item.title !== undefined ? 0 : Math.min(item.text.length, item.whole ? Infinity : LONGEST + 30) * (/[^\x00-\u10ff]/.test(item.text) ? 2 : 1));

/** How many rows an item takes at so many columns, as a guess; a title is higher than a row. */
export const rowsOf = (item, columns) => (item.title !== undefined ? 1.8 : Math.ceil(columnsOf(item) / columns));

function drawLine(line, context) {
  const row = element("div", { className: `row${line.error ? " error" : ""}${line.source === "platform" ? " note" : ""}${context.current(line) ? " current" : ""}`, dir: "ltr" });
  const link = element("a", { className: "at", href: context.linkTo(line), tabIndex: -1, draggable: false, ariaLabel: "Link to this line" });
  row.append(link);
  if (context.times) row.append(element("span", { className: "time", textContent: time(line.at), title: new Date(line.at).toString() }));
  if (line.source !== null) row.append(element("span", { className: `source ${context.colourOf(line.source)}`, textContent: line.source, title: line.release > 0 ? `${line.source}, release v${line.release}` : line.source }));
  const text = element("span", { className: "text", dir: "ltr" });
  const cut = !line.whole && line.raw.length > LONGEST;
  fill(text, cut ? line.raw.slice(0, LONGEST) : line.raw, context);
  if (cut) text.append("\u2026 ", element("button", { type: "button", className: "whole", textContent: `show all (${size(line.raw.length)})` }));
  row.append(text);
  return row;
}

function fill(text, raw, context) {
  const pieces = parse(raw);
  const ranges = context.ranges(pieces.map((piece) => (piece.mark ? "" : piece.text)).join(""));
  if (ranges.length === 0 && pieces.length <= 1 && !pieces[0]?.style && !pieces[0]?.mark) {
    text.textContent = pieces[0]?.text ?? "";
    return;
  }
  let [from, next] = [0, 0];
  for (const piece of pieces) {
    if (piece.mark) {
      text.append(element("span", { className: "mark", textContent: piece.text, title: "A control character of the program's output" }));
      continue;
    }
    const span = piece.style ? styled(piece.style) : element("span");
    const end = from + piece.text.length;
    let at = from;
    for (; next < ranges.length && ranges[next][0] < end; next++) {
      const [start, stop] = ranges[next];
      span.append(piece.text.slice(at - from, Math.max(start, at) - from), element("mark", { textContent: piece.text.slice(Math.max(start, at) - from, Math.min(stop, end) - from) }));
      at = Math.min(stop, end);
      // The rest of this match is in the next piece.
      if (stop > end) break;
    }
    span.append(piece.text.slice(at - from));
    text.append(span);
    from = end;
  }
}

function styled(style) {
  const span = element("span");
  for (const flag of ["bold", "dim", "italic", "underline", "strike"]) span.classList.toggle(flag, style[flag] === true);
  const [fore, back] = style.inverse ? [style.back ?? "ground", style.fore ?? "ink"] : [style.fore, style.back];
  colour(span, "f", fore, back !== undefined);
  colour(span, "b", back, true);
  return span;
}

// The theme's colours are classes; all others are set on the element, which the page's policy allows to scripts.
function colour(span, prefix, value, exact) {
  if (value === undefined) return;
  if (!String(value).startsWith("#")) {
    span.classList.add(`${prefix}-${value}`);
    return;
  }
  // On the page's own ground the colour is kept legible by the style sheet; on a ground of the program's it is as told.
  span.classList.add(prefix === "b" ? "b-own" : exact ? "f-exact" : "f-own");
  span.style.setProperty(prefix === "b" ? "--back" : "--fore", value);
}

function drawTitle(title) {
  const row = element("div", { className: `row title ${title.state}` });
  const words = { running: "running", failed: "failed", stopped: "stopped here", ended: "done" }[title.state];
  const seconds = title.seconds === null ? "" : title.seconds < 60 ? `${title.seconds.toFixed(1)} s` : `${Math.floor(title.seconds / 60)} min ${Math.floor(title.seconds % 60)} s`;
  const button = element("button", { type: "button" },
    element("span", { className: "fold", ariaHidden: "true" }), element("span", { className: "name", textContent: title.title }),
    element("span", { className: "word", textContent: words }), element("span", { className: "took", textContent: seconds }),
    element("span", { className: "count", textContent: title.folded ? `${count(title.count)} ${title.count === 1 ? "line" : "lines"}` : "" }));
  button.setAttribute("aria-expanded", String(!title.folded));
  row.append(button);
  return row;
}

export const count = (number) => number.toLocaleString("en");

export function size(bytes) {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
