import assert from "node:assert/strict";
import { test } from "node:test";
import { Heights } from "../../web/Paas.Dashboard/wwwroot/assets/logs/heights.js";
import { Lines, MOST, Search } from "../../web/Paas.Dashboard/wwwroot/assets/logs/lines.js";
import { Phases } from "../../web/Paas.Dashboard/wwwroot/assets/logs/phases.js";
import { EventCutter } from "../../web/Paas.Dashboard/wwwroot/assets/logs/stream.js";

const line = (id, source = "web.1", text = `line ${id}`) => ({ id, at: "2026-01-01T12:00:00Z", source, release: 1, error: false, text });
const many = (from, count) => Array.from({ length: count }, (_, at) => line(from + at));
const ids = (lines) => lines.shown.map((item) => item.id);

test("a line that came before is not added again", () => {
  const lines = new Lines();
  assert.equal(lines.append([line(1), line(2)]).added, 2);
  assert.equal(lines.append([line(2), line(3)]).added, 1);
  assert.deepEqual(ids(lines), ["1", "2", "3"]);
  assert.ok(lines.prepend([line(0), line(1)]));
  assert.deepEqual(ids(lines), ["0", "1", "2", "3"]);
});

test("no more lines are held than the limit, the oldest go", () => {
  const lines = new Lines();
  lines.append(many(0, MOST));
  assert.equal(lines.append(many(MOST, 10)).dropped, true);
  assert.ok(lines.count <= MOST && lines.count > MOST - 10_000);
  assert.equal(lines.shown.at(-1).id, String(MOST + 9));
  assert.equal(lines.find("0"), null);
  assert.equal(new Lines().prepend(many(0, MOST + 1)), false);
});

test("hidden sources come back", () => {
  const lines = new Lines();
  lines.append([line(1), line(2, "web.10"), line(3, "web.2"), line(4, "clock.1")]);
  assert.deepEqual(lines.sources, ["clock.1", "web.1", "web.2", "web.10"]);
  lines.hide("web.1", true);
  lines.rebuild();
  assert.deepEqual(ids(lines), ["2", "3", "4"]);
  assert.equal(lines.append([line(5)]).added, 0);
  lines.hide("web.1", false);
  lines.rebuild();
  assert.deepEqual(ids(lines), ["1", "2", "3", "4", "5"]);
});

test("search finds text without its escapes, and says what is no expression", () => {
  const lines = new Lines();
  lines.append([line(1, "web.1", "GET \x1b[32m200\x1b[0m ok"), line(2, "web.1", "a.b"), line(3, "web.1", "axb AXB")]);
  const search = new Search();
  const look = (text, regex) => { const wrong = search.set(text, regex); search.look(lines.shown, 0); return wrong ?? search.hits; };
  assert.deepEqual(look("get 200", false), [0]);
  assert.deepEqual(look("a.b", false), [1]);
  assert.deepEqual(look("a.b", true), [1, 2]);
  assert.deepEqual(search.ranges("axb AXB"), [[0, 3], [4, 7]]);
  assert.equal(look("(", true), "Not a regular expression");
  assert.deepEqual(search.hits, []);
  assert.deepEqual((look("x*", true), search.ranges("ab")), []);
});

test("phases fold when the next one begins, and what failed stays open", () => {
  const phases = new Phases();
  const lines = new Lines(phases);
  const said = (sequence, phase, text) => ({ sequence, at: `2026-01-01T12:00:0${sequence}Z`, phase, text });
  const rows = () => lines.shown.map((item) => (item.title ? `${item.folded ? "+" : "-"}${item.title}:${item.state}` : item.text));
  lines.append([said(1, "detect", "-----> Detecting buildpacks"), said(2, "detect", "node")]);
  assert.deepEqual(rows(), ["-Detect buildpacks:running", "node"]);
  lines.append([said(3, "build", "-----> Building"), said(4, "build", "npm ERR")]);
  assert.deepEqual(rows(), ["+Detect buildpacks:ended", "-Build:running", "npm ERR"]);
  phases.tell([{ name: "build", seconds: 2.5 }], "failed");
  phases.fold({ phase: "detect" }, false);
  lines.rebuild();
  assert.deepEqual(rows(), ["-Detect buildpacks:ended", "node", "-Build:failed", "npm ERR"]);
  assert.equal(lines.shown[2].seconds, 2.5);
  phases.foldAll(phases.titles, true);
  lines.rebuild();
  assert.equal(lines.shown.length, 2);
  phases.isSearched = true;
  lines.rebuild();
  assert.equal(lines.shown.length, 4);
});

test("rows of different heights are found by place", () => {
  const heights = new Heights();
  const all = Array.from({ length: 3000 }, (_, at) => 20 * (1 + (at % 3)));
  heights.reset(Float64Array.from(all.slice(0, 10)));
  all.slice(10).forEach((height) => heights.append(height));
  heights.set(5, 100);
  all[5] = 100;
  let top = 0;
  all.forEach((height, index) => {
    assert.equal(heights.offset(index), top);
    assert.equal(heights.at(top), index);
    assert.equal(heights.at(top + height - 1), index);
    top += height;
  });
  assert.equal(heights.total, top);
  assert.equal(heights.at(top + 1000), all.length - 1);
});

test("events are cut wherever the network cut them", () => {
  const text = ":\n\nid: a\nevent: line\ndata: {\"x\":1}\n\n:\n\ndata:2\r\n\r\n";
  for (let cut = 0; cut <= text.length; cut++) {
    const cutter = new EventCutter();
    const events = [...cutter.push(text.slice(0, cut)), ...cutter.push(text.slice(cut))];
    assert.deepEqual(events.map((event) => [event.id, event.data]), [["a", "{\"x\":1}"], [null, "2"]], `at ${cut}`);
  }
});

test("the end that a server tells is heard, though it has no data", () => {
  const events = new EventCutter().push("id: 7\nevent: line\ndata: {}\n\nevent: end\n\nevent: other\n\n");
  assert.deepEqual(events.map((event) => event.event), ["line", "end"]);
});
