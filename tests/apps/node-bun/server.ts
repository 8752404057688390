import { existsSync } from "node:fs";
import ms from "ms";

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "0.0.0.0",
  fetch: () => new Response(`bun ${Bun.version.split(".")[0]}, ${ms(172800000)}\ndev dependencies pruned: ${!existsSync("node_modules/kind-of")}\n`),
});
