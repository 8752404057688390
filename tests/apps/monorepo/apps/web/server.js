const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const greeting = require("@shop/greeting");
const ms = require("ms");

const page = fs.readFileSync(path.join(__dirname, "page.txt"), "utf8");
http.createServer((request, response) => {
  if (request.url === "/files") {
    response.end(`${fs.readdirSync(process.cwd()).filter((name) => !name.startsWith(".")).sort().join(" ")}\n`);
  } else {
    response.end(`${greeting("monorepo")}, ${ms("2 days") / 1000} s\n${page}${process.env.FOOTER}\nSEASON ${process.env.SEASON ?? "is for the build only"}\n`);
  }
}).listen(process.env.PORT);
