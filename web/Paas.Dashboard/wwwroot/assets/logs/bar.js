import { element } from "./draw.js";

// What stands above the lines: search, what is shown and how, and what can be taken away. It says what was asked; the view does it.

export class Bar {
  #ask;
  search = element("input", { type: "search", className: "search", placeholder: "Search", spellcheck: false, autocomplete: "off", enterKeyHint: "search" });
  #found = element("span", { className: "found" });
  #state = element("span", { className: "state" });
  #regex;
  #sources;
  #list = element("div", { className: "sources", popover: "auto" });
  #boxes = new Map();

  /** ask: { search(text, regex), next(step), wrap(on), times(on), hide(source, hidden), foldAll(folded), copy(), download } */
  constructor(ask, { wrap, times, isDeploy }) {
    this.#ask = ask;
    this.search.setAttribute("aria-label", "Search the log");
    this.#found.setAttribute("role", "status");
    this.#state.setAttribute("role", "status");
    this.#regex = toggle(".*", "Regular expression", false, () => this.#searched());
    this.search.addEventListener("input", () => this.#searched());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") ask.next(event.shiftKey ? -1 : 1);
      else if (event.key !== "Escape") return;
      else if (this.search.value === "") return;
      else { this.search.value = ""; this.#searched(); }
      event.preventDefault();
    });
    this.#list.id = `log-sources-${Math.random().toString(36).slice(2, 8)}`;
    this.#list.setAttribute("aria-label", "Processes shown");
    this.#list.setAttribute("role", "group");
    this.#sources = element("button", { type: "button", className: "button", textContent: "All processes", hidden: true });
    this.#sources.setAttribute("popovertarget", this.#list.id);
    this.#list.addEventListener("toggle", () => this.#under());
    this.root = element("div", { className: "bar" },
      element("div", { className: "find" }, this.search, this.#regex, button("\u2191", "Previous match", () => ask.next(-1)), button("\u2193", "Next match", () => ask.next(1)), this.#found),
      element("div", { className: "tools" }, this.#state, ...(isDeploy ? [button("Open all", null, () => ask.foldAll(false)), button("Fold all", null, () => ask.foldAll(true))] : [this.#sources, this.#list]),
        toggle("Wrap", "Wrap long lines", wrap, (on) => ask.wrap(on)), toggle("Times", "Show times", times, (on) => ask.times(on)),
        button("Copy", "Copy lines", (event) => ask.copy(event.currentTarget)),
        ...(ask.download ? [element("a", { className: "button", textContent: "Download", href: ask.download, download: "" })] : [])));
  }

  state(word, sentence) {
    const words = { connecting: "", live: "Live", lost: "Connection lost, trying again", over: "", paused: "" };
    this.#state.textContent = sentence ?? words[word] ?? "";
    this.#state.dataset.state = word;
  }

  found(text) { this.#found.textContent = text; }

  /** All sources there are: one box each, under its process type. */
  sources(names, colourOf, isHidden) {
    if (names.length === this.#boxes.size && names.every((name) => this.#boxes.has(name))) return this.#named(names, isHidden);
    this.#boxes.clear();
    const types = Map.groupBy(names, (name) => name.split(".")[0]);
    this.#list.replaceChildren(...[...types].map(([type, members]) => this.#typed(type, members, colourOf, isHidden)));
    this.#named(names, isHidden);
  }

  #typed(type, members, colourOf, isHidden) {
    const boxes = members.map((name) => {
      const box = element("input", { type: "checkbox", checked: !isHidden(name) });
      box.addEventListener("change", () => this.#ask.hide([name], !box.checked));
      this.#boxes.set(name, box);
      return element("label", {}, box, element("span", { className: `swatch ${colourOf(name)}` }), name);
    });
    const only = button("Only", `Only ${type}`, () => {
      this.#ask.hide([...this.#boxes.keys()].filter((name) => !members.includes(name)), true);
      this.#ask.hide(members, false);
    });
    const all = button("All", `All of ${type}`, () => this.#ask.hide(members, false));
    return element("fieldset", {}, element("legend", { textContent: type }), ...boxes, element("div", { className: "pick" }, only, all));
  }

  #named(names, isHidden) {
    for (const [name, box] of this.#boxes) box.checked = !isHidden(name);
    const shown = names.filter((name) => !isHidden(name));
    this.#sources.hidden = names.length < 2;
    this.#sources.textContent = shown.length === names.length ? "All processes" : shown.length === 1 ? shown[0] : `${shown.length} of ${names.length} processes`;
  }

  // Below its button, and inside the window.
  #under() {
    const { left, bottom } = this.#sources.getBoundingClientRect();
    this.#list.style.top = `${bottom + 4}px`;
    this.#list.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - this.#list.offsetWidth - 8))}px`;
  }

  #searched() { this.#ask.search(this.search.value, this.#regex.getAttribute("aria-pressed") === "true"); }
}

function button(text, label, press) {
  const made = element("button", { type: "button", className: "button", textContent: text });
  if (label) made.setAttribute("aria-label", label);
  if (label) made.title = label;
  made.addEventListener("click", press);
  return made;
}

function toggle(text, label, on, change) {
  const made = button(text, label, () => {
    const now = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(now));
    change(now);
  });
  made.setAttribute("aria-pressed", String(on));
  return made;
}
