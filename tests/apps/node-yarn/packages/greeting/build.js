const fs = require("node:fs");
const isNumber = require("is-number");
fs.mkdirSync("made", { recursive: true });
fs.writeFileSync("made/index.js", `const ms = require("ms");\nmodule.exports = (name) => \`hello \${name}, \${ms(172800000)}, built ${isNumber(7)}\`;\n`);
