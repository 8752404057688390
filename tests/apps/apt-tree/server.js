const { execFile } = require("node:child_process");

require("node:http").createServer((request, response) => {
  execFile("tree", ["--version"], (error, output) => response.end(error ? `${error.message}\n` : output));
}).listen(process.env.PORT, "0.0.0.0");
