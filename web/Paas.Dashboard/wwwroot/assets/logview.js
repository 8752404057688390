import { Bar } from "./logs/bar.js";
import { colourOf, columnsOf, count, draw, element, rowsOf } from "./logs/draw.js";
import { Lines, MOST, Search } from "./logs/lines.js";
import { Phases } from "./logs/phases.js";
import { Rows } from "./logs/rows.js";
import { Stream, readAll } from "./logs/stream.js";

// The log view: lines of an app or of one deploy, live. Controls/LogView.razor is its host.

const OLDER = 2_000;
// A tab that nobody looks at gives its connection back: a browser has six for a host.
const UNSEEN = 60_000;

/** options: { mode: "app" | "deploy", url, download, phases, state }. Returns { tell(phases, state), dispose() } for the host. */
export function open(root, options) {
  return new LogView(root, options);
}

class LogView {
  #options;
  #root;
  #lines;
  #search = new Search();
  #bar;
  #rows;
  #scroller;
  #jump;
  #note;
  #follow = true;
  #wrap = false;
  #unread = 0;
  #picked = null;
  #stream = null;
  #older = { more: false, loading: false };
  #hiding = 0;
  #leave = new AbortController();

  constructor(root, options) {
    [this.#root, this.#options] = [root, options];
    const isDeploy = options.mode === "deploy";
    this.#lines = new Lines(isDeploy ? new Phases() : null);
    this.#lines.phases?.tell(options.phases, options.state);
    const kept = settings();
    this.#bar = new Bar({
      search: (text, regex) => this.#searched(text, regex), next: (step) => this.#toHit(step),
      wrap: (on) => this.#wrapped(on), times: (on) => this.#timed(on), hide: (names, hidden) => this.#hide(names, hidden),
      foldAll: (folded) => { this.#lines.phases.foldAll(this.#lines.phases.titles, folded); this.#refresh(); },
      copy: (button) => this.#copy(button), download: options.download,
    }, { ...kept, isDeploy });
    this.#scroller = element("div", { className: "scroller", tabIndex: 0 });
    this.#scroller.setAttribute("role", "region");
    this.#scroller.setAttribute("aria-label", "Log lines");
    this.#jump = element("button", { type: "button", className: "button jump", hidden: true });
    this.#jump.addEventListener("click", () => { this.#toEnd(); this.#scroller.focus({ preventScroll: true }); });
    this.#note = element("p", { className: "top", hidden: true });
    root.replaceChildren(this.#bar.root, element("div", { className: "body" }, this.#note, this.#scroller, this.#jump));
    this.#rows = new Rows(this.#scroller, (item) => draw(item, this.#context), (item, columns) => rowsOf(item, this.#wrap ? columns : Infinity), (item) => (this.#wrap ? 0 : columnsOf(item) + 32));
    this.#rows.onresize = () => { if (this.#follow) this.#rows.toEnd(); };
    this.#context.times = kept.times;
    this.#wrapped(kept.wrap);
    this.#rows.show(this.#lines.shown);
    this.#listen();
    this.#begin();
  }

  tell(phases, state) {
    this.#lines.phases?.tell(phases, state);
    this.#refresh();
  }

  dispose() {
    this.#leave.abort();
    this.#stream?.stop();
    this.#rows.resizing.disconnect();
    clearTimeout(this.#hiding);
    this.#root.replaceChildren();
  }

  // What the drawing of a row asks.
  #context = {
    times: false, colourOf: (source) => colourOf(this.#lines.sources, source), ranges: (text) => this.#search.ranges(text), current: (line) => this.#isPicked(line),
    linkTo: (line) => `${location.pathname}${location.search}#L${encodeURIComponent(line.id)}`,
  };

  // ---- lines come ----

  #begin() {
    const target = location.hash.startsWith("#L") ? decodeURIComponent(location.hash.slice(2)) : null;
    this.#stream = new Stream(this.#lines.phases ? this.#options.url : `${this.#options.url}?num=${OLDER}&follow=true${target ? `&from=${encodeURIComponent(target)}` : ""}`, {
      items: (items) => { this.#add(items); if (target && !this.#picked) this.#toLine(target); },
      state: (word, sentence) => this.#state(word, sentence),
    });
    this.#stream.start();
    this.#older.more = this.#lines.phases === null;
  }

  #add(items) {
    const { added, anew, dropped } = this.#lines.append(items);
    this.#root.classList.toggle("filled", this.#lines.count > 0);
    if (dropped) {
      this.#older.more = true;
      this.#say(`The newest ${count(MOST)} lines are kept in this page.`);
    }
    if (anew) this.#rows.show(this.#lines.shown);
    else this.#rows.grown();
    this.#bar.sources(this.#lines.sources, this.#context.colourOf, (source) => this.#lines.isHidden(source));
    if (this.#search.isOn) this.#look(anew ? 0 : this.#lines.shown.length - added);
    if (this.#follow) {
      this.#rows.toEnd();
    } else {
      this.#unread += added;
      this.#jumpSays();
    }
  }

  #state(word, sentence) {
    this.#bar.state(word, sentence);
    if (word === "live" || word === "over") setTimeout(() => this.#root.classList.add("asked"), 500);
  }

  // ---- where one is ----

  #listen() {
    const signal = this.#leave.signal;
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal });
    this.#root.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#scroller.addEventListener("click", (event) => this.#clicked(event), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    document.addEventListener("copy", (event) => this.#copied(event), { signal });
  }

  #clicked(event) {
    const item = event.target.closest("a, button") && this.#rows.itemOf(event.target);
    if (!item) return;
    // Blazor would take the link for a way to another page.
    event.preventDefault();
    event.stopPropagation();
    if (item.title !== undefined) this.#fold(item);
    else if (event.target.closest(".whole")) this.#whole(item);
    else this.#pick(item, event.shiftKey);
  }

  #scrolled() {
    const atEnd = this.#rows.isAtEnd;
    if (atEnd) this.#unread = 0;
    this.#follow = atEnd;
    this.#jumpSays();
    if (this.#scroller.scrollTop < 400 && !this.#follow) this.#loadOlder();
  }

  #toEnd() {
    this.#follow = true;
    this.#unread = 0;
    this.#rows.toEnd();
    this.#jumpSays();
  }

  #jumpSays() {
    this.#jump.hidden = this.#follow || this.#rows.isAtEnd;
    this.#jump.textContent = this.#unread === 0 ? "To the end" : `${count(this.#unread)} new ${this.#unread === 1 ? "line" : "lines"}`;
  }

  #say(sentence) {
    this.#note.hidden = sentence === null;
    this.#note.textContent = sentence ?? "";
  }

  #seen() {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(() => this.#stream.stop(), UNSEEN);
    else this.#stream.start();
  }

  async #loadOlder() {
    const before = this.#lines.oldest;
    if (!this.#older.more || this.#older.loading || !before) return;
    this.#older.loading = true;
    try {
      const lines = await readAll(`${this.#options.url}?num=${OLDER}&before=${encodeURIComponent(before.id)}`);
      this.#older.more = lines.length > 0;
      if (!this.#lines.prepend(lines)) {
        this.#older.more = false;
        this.#say(`This page holds ${count(MOST)} lines: download has the older ones, too.`);
      } else if (lines.length === 0) {
        this.#say("This is the oldest line that is kept.");
      }
      this.#rows.show(this.#lines.shown);
      if (this.#search.isOn) this.#look(0);
    } catch {
      this.#say("The older lines could not be loaded. Scroll up to try again.");
    } finally {
      this.#older.loading = false;
    }
  }

  // ---- what is shown, and how ----

  #refresh() {
    this.#lines.rebuild();
    this.#rows.show(this.#lines.shown);
    this.#rows.redraw();
    if (this.#search.isOn) this.#look(0);
    if (this.#follow) this.#rows.toEnd();
    this.#jumpSays();
  }

  #hide(names, hidden) {
    names.forEach((name) => this.#lines.hide(name, hidden));
    this.#bar.sources(this.#lines.sources, this.#context.colourOf, (source) => this.#lines.isHidden(source));
    this.#refresh();
  }

  #wrapped(on) {
    this.#wrap = on;
    this.#root.classList.toggle("wrap", on);
    // A deploy's titles are higher than its lines.
    this.#rows.measured = on || this.#lines.phases !== null;
    keep({ wrap: on });
    if (this.#follow) this.#rows.toEnd();
  }

  #timed(on) {
    this.#context.times = on;
    keep({ times: on });
    this.#rows.redraw();
  }

  #whole(line) {
    line.whole = true;
    this.#rows.redraw([line]);
  }

  #fold(title) {
    this.#lines.phases.fold(title, !title.folded);
    this.#follow = false;
    this.#refresh();
    this.#focusTitle(title.phase);
  }

  #focusTitle(phase) {
    requestAnimationFrame(() => [...this.#scroller.querySelectorAll(".title button")]
      .find((button) => button.querySelector(".name").textContent === this.#lines.phases.nameOf(phase))?.focus({ preventScroll: true }));
  }

  // ---- search ----

  #searched(text, regex) {
    const wrong = this.#search.set(text, regex);
    if (this.#lines.phases) {
      this.#lines.phases.isSearched = this.#search.isOn;
      this.#lines.rebuild();
      this.#rows.show(this.#lines.shown);
    }
    if (wrong || !this.#search.isOn) {
      this.#rows.redraw();
      this.#bar.found(wrong ?? "");
      return;
    }
    this.#look(0);
    // The hit nearest to what one looks at, from the bottom up.
    const [, last] = this.#rows.inSight;
    const near = this.#search.hits.findLastIndex((index) => index <= last);
    this.#go(near < 0 ? 0 : near);
  }

  #look(from) {
    this.#search.look(this.#lines.shown, from);
    this.#foundSays();
  }

  #toHit(step) {
    const { hits, at } = this.#search;
    if (hits.length > 0) this.#go((at + step + hits.length) % hits.length);
  }

  #go(at) {
    const { hits } = this.#search;
    this.#search.at = hits.length === 0 ? -1 : at;
    if (hits.length > 0) {
      this.#picked = { from: this.#lines.shown[hits[at]], to: this.#lines.shown[hits[at]] };
      this.#rows.reveal(hits[at]);
      this.#follow = this.#follow && this.#rows.isAtEnd;
    }
    this.#rows.redraw();
    this.#foundSays();
    this.#jumpSays();
  }

  #foundSays() {
    const { hits, at } = this.#search;
    this.#bar.found(hits.length === 0 ? "No match" : `${at < 0 ? "" : `${count(Math.min(at, hits.length - 1) + 1)} of `}${count(hits.length)}`);
  }

  // ---- lines one points at ----

  #isPicked(line) {
    if (!this.#picked) return false;
    const { from, to } = this.#picked;
    if (line === from || line === to) return true;
    if (from === to) return false;
    const [first, last] = this.#pickedRange();
    const at = this.#lines.shown.indexOf(line);
    return at >= first && at <= last;
  }

  #pickedRange() {
    const ends = [this.#lines.shown.indexOf(this.#picked.from), this.#lines.shown.indexOf(this.#picked.to)];
    return [Math.min(...ends), Math.max(...ends)];
  }

  #pick(line, extend) {
    this.#picked = { from: extend && this.#picked ? this.#picked.from : line, to: line };
    history.replaceState(history.state, "", this.#context.linkTo(line));
    this.#rows.redraw();
  }

  #toLine(id) {
    const line = this.#lines.find(id);
    if (!line) return;
    this.#picked = { from: line, to: line };
    this.#follow = false;
    if (this.#lines.phases) {
      this.#lines.phases.fold({ phase: line.phase }, false);
      this.#refresh();
    }
    this.#rows.reveal(this.#lines.shown.indexOf(line), true);
    this.#rows.redraw();
  }

  // ---- keyboard ----

  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") {
      this.#bar.search.focus();
      this.#bar.search.select();
    } else if (event.target !== this.#scroller) {
      return;
    } else if (event.key === "End") {
      this.#toEnd();
    } else if (event.key === "Enter") {
      this.#pick(this.#lines.shown[this.#rows.inSight[0] + 1] ?? this.#lines.shown[0], false);
    } else if (event.key === "Escape" && this.#picked) {
      this.#picked = null;
      this.#rows.redraw();
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && this.#picked) {
      const at = this.#lines.shown.indexOf(this.#picked.to) + (event.key === "ArrowUp" ? -1 : 1);
      const line = this.#lines.shown[at];
      if (line?.text !== undefined) {
        this.#pick(line, event.shiftKey);
        this.#rows.reveal(at);
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  // ---- take away ----

  // What is picked, else all that is shown; without time and source.
  async #copy(button) {
    const shown = this.#lines.shown;
    const [first, last] = this.#picked ? this.#pickedRange() : [0, shown.length - 1];
    await put(textOf(shown.slice(Math.max(0, first), last + 1)));
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1500);
  }

  // Ctrl-C without a selection of text copies the picked lines.
  #copied(event) {
    if (!this.#picked || !this.#root.contains(document.activeElement) || event.target.closest?.("input") || !document.getSelection().isCollapsed) return;
    const [first, last] = this.#pickedRange();
    event.clipboardData.setData("text/plain", textOf(this.#lines.shown.slice(first, last + 1)));
    event.preventDefault();
  }
}

const textOf = (items) => items.filter((item) => item.text !== undefined).map((line) => line.text).join("\n");

// Without HTTPS only localhost has navigator.clipboard.
async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function settings() {
  try {
    return { wrap: matchMedia("(max-width: 720px)").matches, times: false, ...JSON.parse(localStorage.getItem("log-view") ?? "{}") };
  } catch {
    return { wrap: false, times: false };
  }
}

function keep(change) {
  try {
    localStorage.setItem("log-view", JSON.stringify({ ...JSON.parse(localStorage.getItem("log-view") ?? "{}"), ...change }));
  } catch {
    // A browser that keeps nothing for this site.
  }
}
