// Loaded before an app whose source names a port of its own (see port.sh): what it would open there is opened at $PORT, on all addresses.
const net = require("node:net");
const written = Number(process.env.PAAS_WRITTEN_PORT);
const given = Number(process.env.PORT);
const listen = net.Server.prototype.listen;
const local = (host) => host === "localhost" || host === "127.0.0.1" || host === "::1";

net.Server.prototype.listen = function (...words) {
  const [first, host] = words;
  if (given && first !== null && typeof first === "object" && Number(first.port) === written) {
    words[0] = { ...first, port: given, ...(local(first.host) ? { host: "0.0.0.0" } : {}) };
  } else if (given && (typeof first === "number" || typeof first === "string") && Number(first) === written) {
    words[0] = given;
    if (local(host)) words[1] = "0.0.0.0";
  }
  return listen.apply(this, words);
};
