import ms from "ms";

Deno.serve(
  { hostname: "0.0.0.0", port: Number(Deno.env.get("PORT")) },
  () => new Response(`deno ${Deno.version.deno.split(".")[0]}, ${ms(172800000)}\n`),
);
