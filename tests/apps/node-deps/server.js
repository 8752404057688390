const fs = require("node:fs");
const http = require("node:http");
const isNumber = require("is-number");
const ms = require("ms");

let pruned = false;
try {
  require("kind-of");
} catch {
  pruned = true;
}

http
  .createServer((request, response) => {
    response.end(`${fs.readFileSync("built.txt")}node ${process.version}\nms ${ms("2 days")}, is-number ${isNumber(5)}\ndev dependencies pruned: ${pruned}\n`);
  })
  .listen(process.env.PORT, "0.0.0.0");
