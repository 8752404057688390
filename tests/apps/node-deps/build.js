// Runs when the image is built, with the development dependencies.
const kindOf = require("kind-of");
require("node:fs").writeFileSync("built.txt", `built with kind-of: ${kindOf([])}\n`);
