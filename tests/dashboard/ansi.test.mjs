import assert from "node:assert/strict";
import { test } from "node:test";
import { graphics, parse, plain } from "../../web/Paas.Dashboard/wwwroot/assets/logs/ansi.js";

const shown = (raw) => parse(raw).map((piece) => piece.text).join("");

test("plain text is one piece as it is", () => {
  assert.deepEqual(parse("<b>hello</b> \t world"), [{ text: "<b>hello</b> \t world", style: null, mark: false }]);
  assert.deepEqual(parse(""), []);
});

test("colours of all three kinds are understood", () => {
  assert.deepEqual(parse("\x1b[1;31mred\x1b[0m plain"), [{ text: "red", style: { bold: true, fore: 1 }, mark: false }, { text: " plain", style: null, mark: false }]);
  assert.deepEqual(graphics("38;5;196", null), { fore: "#ff0000" });
  assert.deepEqual(graphics("38;5;9", null), { fore: 9 });
  assert.deepEqual(graphics("38;5;244", null), { fore: "#808080" });
  assert.deepEqual(graphics("38;2;1;2;3;48;2;255;0;16", null), { fore: "#010203", back: "#ff0010" });
  assert.deepEqual(graphics("38:2::1:2:3", null), { fore: "#010203" });
  assert.deepEqual(graphics("97;104", null), { fore: 15, back: 12 });
  assert.equal(graphics("39;22", { fore: 3, dim: true }), null);
  assert.equal(graphics("", { fore: 3 }), null);
});

test("colours that make no sense change nothing", () => {
  for (const codes of ["38", "38;5", "38;5;256", "38;2;1;2", "38;2;1;2;999", "38;9", "999"]) assert.equal(graphics(codes, null), null, codes);
});

test("everything else that a terminal obeys is dropped", () => {
  assert.equal(shown("a\x1b[2Jb\x1b[10;10Hc\x1b]0;title\x07d\x1b]8;;http://x\x1b\\e\x1bPq\x1b\\f\x1b(Bg\x1b[?25lh\x1bM"), "abcdefgh");
});

test("what is no whole sequence is seen and nothing more is swallowed", () => {
  assert.equal(shown("a\x1b"), "a<ESC>");
  assert.equal(shown("a\x1b[31"), "a<ESC>[31");
  assert.equal(shown("a\x1b]0;never ends"), "a<ESC>]0;never ends");
});

test("control bytes become names and are not searched", () => {
  assert.equal(shown("a\x00\x07\b\x7f\x9bb"), "a<NUL><BEL><BS><DEL><U+009B>b");
  assert.equal(plain("a\x00\x07\b\x7fb"), "ab");
});

test("nothing turns the writing direction", () => {
  assert.equal(shown("user\u202egnp.exe\u2066x"), "user<RLO>gnp.exe<LRI>x");
  assert.equal(shown("a\u2028b"), "a<LS>b");
  assert.equal(shown("\u05d0\u05d1 שלום"), "\u05d0\u05d1 שלום");
});

test("a progress bar shows its last state with its colour", () => {
  assert.equal(shown("10%\r50%\r100%"), "100%");
  assert.equal(shown("10%\r100%\r"), "100%");
  assert.equal(shown("10%\r\x1b[K100%\r\x1b[K"), "100%");
  assert.deepEqual(parse("\x1b[32m10%\rdone"), [{ text: "done", style: { fore: 2 }, mark: false }]);
});

test("emoji, tabs and wide characters stay", () => assert.equal(shown("👩‍👩‍👧 é 漢字\t\x1b[1mx"), "👩‍👩‍👧 é 漢字\tx"));

test("a megabyte of escapes takes no noticeable time", () => {
  const began = performance.now();
  parse("\x1b]".repeat(50_000));
  parse("\x1b[31mx".repeat(50_000));
  parse("\x1b[".repeat(200_000));
  assert.ok(performance.now() - began < 60_000);
});
