// Server-sent events over fetch: a stream that is taken up where it broke, by the id of the last event (Last-Event-ID).
// EventSource would do most of it, but tells neither why it failed nor when it will try again.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// The server sends a comment every 15 s.
const SILENCE = 40_000;

/** Cuts a stream's text into events: { id, event, data }. Comments are dropped (HTML Living Standard, 9.2.6), but not the server's "end", which
 * has no data. */
export class EventCutter {
  #rest = "";

  push(text) {
    const blocks = (this.#rest + text).split(/\r\n\r\n|\n\n|\r\r/);
    this.#rest = blocks.pop();
    return blocks.map(EventCutter.#eventOf).filter((event) => event.data !== null || event.event === "end");
  }

  static #eventOf(block) {
    const event = { id: null, event: "message", data: null };
    for (const line of block.split(/\r\n|\n|\r/)) {
      const colon = line.indexOf(":");
      const [name, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
      if (name === "data") event.data = event.data === null ? value : `${event.data}\n${value}`;
      else if (name === "id" || name === "event") event[name] = value;
    }
    return event;
  }
}

/** Reads until stopped, or until the server says that there is no more.
 * hear: items(list), state("connecting" | "live" | "lost" | "over" | "refused", sentence). */
export class Stream {
  #url;
  #hear;
  #stop = null;
  #last = null;

  constructor(url, hear) {
    [this.#url, this.#hear] = [url, hear];
  }

  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#run(this.#stop.signal);
  }

  stop() {
    this.#stop?.abort();
    this.#stop = null;
  }

  async #run(stopped) {
    for (let failures = 0; !stopped.aborted;) {
      try {
        this.#hear.state(failures === 0 ? "connecting" : "lost");
        // Without a word of the end its server stops, and another one answers soon.
        if (await this.#connection(stopped, () => { failures = 0; })) return this.#hear.state("over");
      } catch (error) {
        if (stopped.aborted) return;
        if (error instanceof Refused) return this.#hear.state("refused", error.message);
        failures++;
        if (failures > 1) this.#hear.state("lost");
      }
      await pause(Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE) * (0.8 + 0.4 * Math.random()), stopped);
    }
  }

  /** True when the server said that there is no more. */
  async #connection(stopped, began) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE);
    try {
      const headers = { Accept: "text/event-stream" };
      if (this.#last !== null) headers["Last-Event-ID"] = this.#last;
      const response = await fetch(this.#url, { headers, cache: "no-store", signal: AbortSignal.any([stopped, silence.signal]) });
      await check(response);
      began();
      this.#hear.state("live");
      const [reader, cutter] = [response.body.pipeThrough(new TextDecoderStream()).getReader(), new EventCutter()];
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return false;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE);
        const events = cutter.push(value);
        if (stopped.aborted) return false;
        const items = events.filter((event) => event.data !== null);
        if (items.length > 0) {
          this.#last = items.findLast((event) => event.id !== null)?.id ?? this.#last;
          this.#hear.items(items.map((event) => JSON.parse(event.data)));
        }
        if (events.length > items.length) return true;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** All events of a stream that ends by itself. */
export async function readAll(url) {
  const response = await fetch(url, { headers: { Accept: "text/event-stream" }, cache: "no-store" });
  await check(response);
  return new EventCutter().push(await response.text()).filter((event) => event.data !== null).map((event) => JSON.parse(event.data));
}

/** The server answered, and it is a no that trying again does not change. */
export class Refused extends Error {}

async function check(response) {
  if (response.ok) return;
  if (response.status < 500 && response.status !== 429 && response.status !== 408) {
    const problem = await response.json().catch(() => null);
    throw new Refused(response.status === 401 ? "You are signed out: sign in again." : problem?.detail ?? "The log cannot be read.");
  }
  throw new Error(`${response.status}`);
}

const pause = (milliseconds, stopped) => new Promise((done) => {
  const timer = setTimeout(done, milliseconds);
  stopped.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});
