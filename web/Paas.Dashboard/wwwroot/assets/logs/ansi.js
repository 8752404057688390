// One line of a program's output as pieces of plain text with how they look (ECMA-48, SGR). Nothing else that a terminal obeys is
// obeyed: other escape sequences are dropped, control and bidirectional characters become marks that one can see.

// What needs no look at all: no control character, no character that turns the writing direction or ends a line for some.
const STRANGE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

// CSI; OSC, DCS, SOS, PM, APC to their terminator; two-character sequences. What is unfinished matches none of them.
const ESCAPE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^-~])/y;

const BIDI = {
  "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO",
  "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\u2028": "LS", "\u2029": "PS", "\ufeff": "BOM",
};

/** Pieces of a line: { text, style, mark }. style is null for plain text, mark is true for a stand-in of a character that is not shown. */
export function parse(raw) {
  if (!STRANGE.test(raw)) return raw === "" ? [] : [{ text: raw, style: null, mark: false }];
  const pieces = [];
  let style = null;
  for (const part of lastState(raw)) {
    style = pieceTogether(part.text, style, part.shown ? pieces : null);
  }
  return pieces;
}

/** The text that parse shows, without marks: what is searched and copied. */
export function plain(raw) {
  return STRANGE.test(raw) ? parse(raw).map((piece) => (piece.mark ? "" : piece.text)).join("") : raw;
}

// A progress bar writes over itself: what stands after the last carriage return is what a terminal would show in the end.
// The parts before it count for their colours only.
function lastState(raw) {
  const parts = raw.split("\r").map((text) => ({ text, shown: false }));
  const last = parts.findLast((part) => plainLength(part.text) > 0) ?? parts.at(-1);
  last.shown = true;
  return parts.slice(0, parts.indexOf(last) + 1);
}

const plainLength = (text) => text.replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, "").length;

function pieceTogether(text, style, pieces) {
  let from = 0;
  const push = (end) => {
    if (end > from) pieces?.push({ text: text.slice(from, end), style, mark: false });
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f || code === 9 || !STRANGE.test(text[at])) continue;
    push(at);
    ESCAPE.lastIndex = at;
    const escape = code === 0x1b ? ESCAPE.exec(text) : null;
    if (escape) {
      if (escape[2] === "m" && /^[\d;:]*$/.test(escape[1])) style = graphics(escape[1], style);
      at += escape[0].length - 1;
    } else {
      pieces?.push({ text: picture(text[at]), style: null, mark: true });
    }
    from = at + 1;
  }
  push(text.length);
  return style;
}

const CONTROL = "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

// Names and not Control Pictures (U+2400): few fonts have those.
function picture(character) {
  const code = character.charCodeAt(0);
  const name = CONTROL[code] ?? (code === 0x7f ? "DEL" : BIDI[character]);
  return `<${name ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}>`;
}

const FLAGS = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike", 21: "underline" };
const ENDS = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"], 39: ["fore"], 49: ["back"] };

/** The style after "CSI parameters m". Colours are 0-15 (the theme's) or "#rrggbb". Null is plain. */
export function graphics(parameters, style) {
  // 38:2::r:g:b and 38:5:n (ITU T.416) mean what 38;2;r;g;b and 38;5;n mean.
  const codes = parameters.replace(/([34]8:2):\d*:(?=\d+:\d+:\d+)/g, "$1:").replace(/4:(\d)/g, (_, kind) => (kind === "0" ? "24" : "4")).split(/[;:]/).map(Number);
  const next = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) Object.keys(next).forEach((key) => delete next[key]);
    else if (FLAGS[code]) next[FLAGS[code]] = true;
    else if (ENDS[code]) ENDS[code].forEach((key) => delete next[key]);
    else if (code >= 30 && code <= 37) next.fore = code - 30;
    else if (code >= 40 && code <= 47) next.back = code - 40;
    else if (code >= 90 && code <= 97) next.fore = code - 82;
    else if (code >= 100 && code <= 107) next.back = code - 92;
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, at + 1);
      if (colour !== null) next[code === 38 ? "fore" : "back"] = colour;
      at += used;
    }
  }
  return Object.keys(next).length === 0 ? null : next;
}

// [colour or null, how many codes it took]
function extended(codes, at) {
  if (codes[at] === 5) return [indexed(codes[at + 1]), 2];
  if (codes[at] !== 2) return [null, 1];
  const rgb = codes.slice(at + 1, at + 4);
  return [rgb.length === 3 && rgb.every((part) => part >= 0 && part <= 255) ? hex(rgb) : null, 4];
}

// xterm's 256 colours: 16 of the theme, a cube of 6 levels, 24 greys.
function indexed(index) {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) return hex(Array(3).fill(8 + 10 * (index - 232)));
  const level = (part) => (part === 0 ? 0 : 55 + 40 * part);
  return hex([level(Math.floor((index - 16) / 36)), level(Math.floor((index - 16) / 6) % 6), level((index - 16) % 6)]);
}

const hex = (rgb) => "#" + rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
