const http = require("node:http");
const greeting = require("@hello/greeting");

let pruned = false;
try {
  require.resolve("kind-of");
} catch {
  pruned = true;
}

http
  .createServer((request, response) => {
    response.end(`${greeting("workspace")}\nown ms ${require("ms/package.json").version}\ndev dependencies pruned: ${pruned}\n`);
  })
  .listen(process.env.PORT, "0.0.0.0");
