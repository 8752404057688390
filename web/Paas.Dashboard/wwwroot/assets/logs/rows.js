import { Heights } from "./heights.js";

// A long list of which only the rows in sight (and a few around them) are elements.

export const ROW = 20;
const AROUND = 8;

export class Rows {
  #scroller;
  #sizer = document.createElement("div");
  #draw;
  #guess;
  #columnsOf;
  #items = [];
  #heights = new Heights();
  #drawn = new Map();
  #frame = 0;
  #measured = false;
  #columns = 80;
  #widest = 0;
  #lastTop = 0;

  /** draw(item): its element. guess(item, columns): how many rows of text it takes. columnsOf(item): how wide it wants to be. */
  constructor(scroller, draw, guess, columnsOf) {
    [this.#scroller, this.#draw, this.#guess, this.#columnsOf] = [scroller, draw, guess, columnsOf];
    this.#sizer.className = "rows";
    scroller.append(this.#sizer);
    scroller.addEventListener("scroll", () => this.#later(), { passive: true });
    this.resizing = new ResizeObserver(() => this.#resized());
    this.resizing.observe(scroller);
  }

  get items() { return this.#items; }

  get isAtEnd() { return this.#scroller.scrollTop + this.#scroller.clientHeight >= this.#height() - 2; }

  /** The item that an element is drawn for; null when it is no row's. */
  itemOf(element) {
    const row = element.closest(".row");
    for (const [item, drawn] of this.#drawn) if (drawn === row) return item;
    return null;
  }

  /** Indices of the first and last row in sight. */
  get inSight() {
    const top = this.#scroller.scrollTop;
    return [this.#at(top), this.#at(top + this.#scroller.clientHeight - 1)];
  }

  /** Whether rows differ in height; else each is ROW px. */
  set measured(value) {
    this.#measured = value;
    this.#widest = 0;
    this.#sizer.style.minWidth = "";
    this.#refresh();
  }

  /** All anew; what stood at the top of the sight stays there. */
  show(items, anchor = this.#anchor()) {
    this.#items = items;
    this.#refresh(anchor);
  }

  /** Items were added behind the array that is shown. */
  grown() {
    if (this.#measured) {
      for (let index = this.#heights.count; index < this.#items.length; index++) this.#heights.append(this.#guessed(this.#items[index]));
    }
    this.#later();
  }

  /** Draws these items again, or all in sight. */
  redraw(items = [...this.#drawn.keys()]) {
    for (const item of items) {
      this.#drawn.get(item)?.remove();
      this.#drawn.delete(item);
    }
    this.#later();
  }

  toEnd() {
    this.#place();
    this.#scroller.scrollTop = this.#height();
    this.#render();
    // Rows that were guessed have been measured now.
    this.#scroller.scrollTop = this.#height();
  }

  /** Brings a row into the middle of the sight if it is not in it. */
  reveal(index, always = false) {
    const [first, last] = this.inSight;
    if (!always && index > first && index < last) return;
    this.#place();
    const top = () => this.#top(index) - (this.#scroller.clientHeight - ROW) / 2;
    this.#scroller.scrollTop = top();
    this.#render();
    this.#scroller.scrollTop = top();
  }

  #refresh(anchor = this.#anchor()) {
    for (const element of this.#drawn.values()) element.remove();
    this.#drawn.clear();
    this.#measure();
    if (this.#measured) this.#heights.reset(Float64Array.from(this.#items, (item) => this.#guessed(item)));
    this.#place();
    if (anchor) {
      const index = this.#items.indexOf(anchor.item);
      if (index >= 0) this.#scroller.scrollTop = this.#top(index) - anchor.above;
    }
    this.#render();
  }

  #anchor() {
    const first = this.#at(this.#scroller.scrollTop);
    const item = this.#items[first];
    return item && { item, above: this.#top(first) - this.#scroller.scrollTop };
  }

  #resized() {
    const columns = this.#columns;
    this.#measure();
    if (this.#measured && columns !== this.#columns) this.#refresh();
    else this.#later();
    this.onresize?.();
  }

  #measure() {
    const probe = document.createElement("span");
    probe.className = "row-probe";
    probe.textContent = "0".repeat(100);
    this.#sizer.append(probe);
    this.#columns = Math.max(10, Math.floor((this.#sizer.clientWidth - this.#inset()) / (probe.getBoundingClientRect().width / 100)));
    probe.remove();
  }

  // What stands beside the text in a row.
  #inset() {
    const text = this.#drawn.values().next().value?.querySelector(".text");
    return text ? text.getBoundingClientRect().left - this.#sizer.getBoundingClientRect().left : 24;
  }

  #guessed(item) { return ROW * Math.max(1, this.#guess(item, this.#columns)); }

  #height() { return this.#measured ? this.#heights.total : this.#items.length * ROW; }

  #top(index) { return this.#measured ? this.#heights.offset(index) : index * ROW; }

  #at(offset) { return this.#measured ? this.#heights.at(offset) : Math.max(0, Math.min(Math.floor(offset / ROW), this.#items.length - 1)); }

  #place() { this.#sizer.style.height = `${this.#height()}px`; }

  #later() { this.#frame ||= requestAnimationFrame(() => this.#render()); }

  #render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#place();
    const top = this.#scroller.scrollTop;
    // Who jumps far sees none of the rows around.
    const around = Math.abs(top - this.#lastTop) > this.#scroller.clientHeight ? 1 : AROUND;
    this.#lastTop = top;
    const first = Math.max(0, this.#at(top) - around);
    const end = Math.min(this.#items.length, this.#at(top + this.#scroller.clientHeight) + around + 1);
    const wanted = new Set(this.#items.slice(first, end));
    for (const [item, element] of this.#drawn) {
      if (!wanted.has(item)) {
        element.remove();
        this.#drawn.delete(item);
      }
    }
    const fresh = [];
    // From the last to the first, so that the elements stand in the order of the lines: selecting and screen readers go by that.
    let after = null;
    for (let index = end - 1; index >= first; index--) {
      const item = this.#items[index];
      let element = this.#drawn.get(item);
      if (!element) {
        element = this.#draw(item);
        this.#drawn.set(item, element);
        this.#sizer.insertBefore(element, after);
        fresh.push(index);
      }
      element.style.transform = `translateY(${this.#top(index)}px)`;
      after = element;
    }
    this.#widen(fresh);
    if (this.#measured && this.#corrected(fresh, top)) {
      this.#place();
      for (let index = first; index < end; index++) this.#drawn.get(this.#items[index]).style.transform = `translateY(${this.#top(index)}px)`;
    }
    this.onrender?.();
  }

  // The width of the widest row so far, so that scrolling down does not move the sight sideways.
  #widen(fresh) {
    const widest = fresh.reduce((most, index) => Math.max(most, this.#columnsOf(this.#items[index])), this.#widest);
    if (widest === this.#widest) return;
    this.#widest = widest;
    this.#sizer.style.minWidth = widest > 0 ? `${widest}ch` : "";
  }

  // True when a guess was wrong. What is above the sight must not move it.
  #corrected(fresh, top) {
    const real = fresh.map((index) => this.#drawn.get(this.#items[index]).offsetHeight);
    let [changed, moved] = [false, 0];
    const firstInSight = this.#at(top);
    fresh.forEach((index, at) => {
      const change = real[at] - this.#heights.of(index);
      if (change === 0) return;
      changed = true;
      if (index < firstInSight) moved += change;
      this.#heights.set(index, real[at]);
    });
    if (moved !== 0) this.#scroller.scrollTop = top + moved;
    return changed;
  }
}
