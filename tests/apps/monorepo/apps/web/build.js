const fs = require("node:fs");
const path = require("node:path");

const stamp = fs.readFileSync(path.join(__dirname, "../../stamp.txt"), "utf8").trim();
fs.writeFileSync(path.join(__dirname, "page.txt"), `${stamp}, built for ${process.env.SEASON}\n`);
