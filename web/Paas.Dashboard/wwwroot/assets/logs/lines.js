import { plain } from "./ansi.js";

// The lines that the page holds, and which of them are shown: by process and instance, or folded by phase.

export const MOST = 100_000;
// Dropped together, so that it happens seldom.
const BATCH = 5_000;

/** One line as it is held. Its text is without escapes; raw keeps them for drawing. */
export function lineOf(data) {
  return {
    id: String(data.id ?? data.sequence), at: Date.parse(data.at), source: data.source ?? null, release: data.release ?? 0,
    error: data.error ?? false, phase: data.phase ?? null, raw: data.text, text: plain(data.text), whole: false,
  };
}

export class Lines {
  #byId = new Map();
  #all = [];
  #shown = [];
  #hidden = new Set();
  #phases;

  /** phases: null for an app's log; else the folds of a deploy's. */
  constructor(phases = null) { this.#phases = phases; }

  get count() { return this.#all.length; }

  get oldest() { return this.#all[0] ?? null; }

  get shown() { return this.#shown; }

  get phases() { return this.#phases; }

  /** Sources by name, in the order in which they keep their colours: type by type. */
  get sources() { return this.#sources; }

  #sources = [];

  find(id) { return this.#byId.get(id) ?? null; }

  isHidden(source) { return this.#hidden.has(source); }

  get hasHidden() { return this.#hidden.size > 0; }

  hide(source, hidden) {
    if (hidden) this.#hidden.add(source);
    else this.#hidden.delete(source);
  }

  /** Adds lines at the end. A line that is there already is not added again.
   * Returns how many of the fresh ones are shown, and whether the shown array had to be made anew. */
  append(list) {
    const fresh = this.#fresh(list);
    this.#all.push(...fresh);
    if (this.#phases) {
      const before = this.#shown.length;
      this.rebuild();
      return { added: Math.max(0, this.#shown.length - before), anew: fresh.length > 0 };
    }
    const added = fresh.filter((line) => !this.#hidden.has(line.source));
    this.#shown.push(...added);
    const dropped = this.#all.length > MOST;
    if (dropped) {
      this.#all.splice(0, this.#all.length - MOST + BATCH).forEach((line) => this.#byId.delete(line.id));
      this.rebuild();
    }
    return { added: added.length, anew: dropped, dropped };
  }

  /** Adds older lines before all others; false when there is no room for them. */
  prepend(list) {
    const fresh = this.#fresh(list);
    if (fresh.length + this.#all.length > MOST) {
      fresh.forEach((line) => this.#byId.delete(line.id));
      return false;
    }
    this.#all = [...fresh, ...this.#all];
    this.rebuild();
    return true;
  }

  /** After folds or filters have changed. */
  rebuild() {
    this.#shown = this.#phases ? this.#phases.arrange(this.#all) : this.#hidden.size === 0 ? [...this.#all] : this.#all.filter((line) => !this.#hidden.has(line.source));
  }

  #fresh(list) {
    const fresh = [];
    for (const data of list) {
      const line = lineOf(data);
      if (this.#byId.has(line.id)) continue;
      this.#byId.set(line.id, line);
      fresh.push(line);
      if (line.source && !this.#sources.includes(line.source)) this.#sources = [...this.#sources, line.source].sort(bySource);
    }
    return fresh;
  }
}

// web.2 before web.10.
function bySource(a, b) { return a.localeCompare(b, "en", { numeric: true }); }

/** Which rows match, in the order in which they are shown. Null when nothing is searched. */
export class Search {
  #expression = null;
  hits = [];
  at = -1;

  get isOn() { return this.#expression !== null; }

  /** Returns a sentence when the text is no regular expression. */
  set(text, isRegex) {
    [this.#expression, this.hits, this.at] = [null, [], -1];
    if (text === "") return null;
    try {
      this.#expression = new RegExp(isRegex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
      return null;
    } catch {
      return "Not a regular expression";
    }
  }

  /** Looks at the rows from an index on; from 0 all are forgotten first. */
  look(shown, from) {
    if (from === 0) this.hits = [];
    if (!this.#expression) return;
    for (let index = from; index < shown.length; index++) {
      if (shown[index].text !== undefined && this.#matches(shown[index].text)) this.hits.push(index);
    }
  }

  /** [start, end] of each match in a text. */
  ranges(text) {
    if (!this.#expression) return [];
    this.#expression.lastIndex = 0;
    return [...text.matchAll(this.#expression)].filter((match) => match[0].length > 0).map((match) => [match.index, match.index + match[0].length]);
  }

  #matches(text) {
    this.#expression.lastIndex = 0;
    return this.#expression.test(text);
  }
}
