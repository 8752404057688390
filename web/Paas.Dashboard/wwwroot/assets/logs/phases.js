// A deploy's log folded by phase: a title with state and seconds, its lines below it. What failed and what runs is open.

const TITLES = {
  "": "Before the build", prepare: "Prepare", detect: "Detect buildpacks", analyze: "Analyze", restore: "Restore cached layers", build: "Build", export: "Export the image",
  release: "Run the release command", start: "Start the new release", route: "Switch the routes",
};

export class Phases {
  #folds = new Map();
  #told = [];
  #state = "running";

  /** What the platform says: phases with seconds (null while one runs), and the deploy's state: running, failed, stopped (by somebody) or ended. */
  tell(phases, state) { [this.#told, this.#state] = [phases ?? [], state ?? "running"]; }

  /** All lines are to be seen while something is searched in them. */
  isSearched = false;

  get titles() { return [...this.#titles.values()]; }

  nameOf(phase) { return TITLES[phase] ?? phase; }

  fold(title, folded) { this.#folds.set(title.phase, folded); }

  foldAll(titles, folded) { titles.forEach((title) => this.fold(title, folded)); }

  /** Titles and the lines of open phases, in order. */
  arrange(lines) {
    const groups = [];
    for (const line of lines) {
      if (groups.at(-1)?.phase !== line.phase) groups.push({ phase: line.phase, lines: [] });
      groups.at(-1).lines.push(line);
    }
    return groups.flatMap((group, index) => {
      const title = this.#titleOf(group, index === groups.length - 1);
      return title.folded ? [title] : [title, ...group.lines.filter((line) => !line.text.startsWith("-----> "))];
    });
  }

  #titles = new Map();

  // The same object as long as it says the same: rows are kept by it.
  #titleOf(group, isLast) {
    const told = this.#told.find((phase) => phase.name === group.phase);
    const state = isLast && this.#state !== "ended" ? this.#state : "ended";
    const title = {
      title: this.nameOf(group.phase), phase: group.phase, state, count: group.lines.length,
      seconds: told?.seconds ?? (state === "running" ? null : (group.lines.at(-1).at - group.lines[0].at) / 1000),
      folded: !this.isSearched && (this.#folds.get(group.phase) ?? !isLast),
    };
    const known = this.#titles.get(group.phase);
    if (known && JSON.stringify(known) === JSON.stringify(title)) return known;
    this.#titles.set(group.phase, title);
    return title;
  }
}
