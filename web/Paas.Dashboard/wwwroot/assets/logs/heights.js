// Where each row of a list stands when their heights differ: prefix sums in a Fenwick tree, so that one row's height can be
// corrected, and the row at a place be found, among 100,000 in no time.
export class Heights {
  #count = 0;
  #height = new Float64Array(1024);
  #sum = new Float64Array(1025);

  get count() { return this.#count; }

  get total() { return this.offset(this.#count); }

  of(index) { return this.#height[index]; }

  reset(heights) {
    this.#count = heights.length;
    this.#room(Math.max(1024, 2 ** Math.ceil(Math.log2(heights.length + 1))));
    this.#height.set(heights);
    this.#rebuild();
  }

  append(height) {
    if (this.#count === this.#height.length) {
      const before = this.#height;
      this.#room(before.length * 2);
      this.#height.set(before);
      this.#rebuild();
    }
    this.set(this.#count++, height);
  }

  set(index, height) {
    const change = height - this.#height[index];
    if (change === 0) return;
    this.#height[index] = height;
    for (let at = index + 1; at < this.#sum.length; at += at & -at) this.#sum[at] += change;
  }

  /** The top of a row: the heights of all before it. */
  offset(index) {
    let total = 0;
    for (let at = index; at > 0; at -= at & -at) total += this.#sum[at];
    return total;
  }

  /** The row at a place; the last one behind the end. */
  at(offset) {
    let index = 0;
    for (let step = this.#height.length; step > 0; step >>= 1) {
      if (index + step < this.#sum.length && this.#sum[index + step] <= offset) {
        index += step;
        offset -= this.#sum[index];
      }
    }
    return Math.max(0, Math.min(index, this.#count - 1));
  }

  #room(size) {
    this.#height = new Float64Array(size);
    this.#sum = new Float64Array(size + 1);
  }

  #rebuild() {
    this.#sum.fill(0);
    for (let index = 0; index < this.#count; index++) this.#sum[index + 1] = this.#height[index];
    for (let at = 1; at < this.#sum.length; at++) {
      const parent = at + (at & -at);
      if (parent < this.#sum.length) this.#sum[parent] += this.#sum[at];
    }
  }
}
