import { existsSync } from "node:fs";
import express from "express";
import { Pool } from "pg";

// Connects with the first query only: without a DATABASE_URL nothing is asked.
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const app = express();

app.get("/", (request, response) => {
  response.send(`express, node ${process.version.split(".")[0]}, NODE_ENV ${process.env.NODE_ENV}\ndev dependencies pruned: ${!existsSync("node_modules/typescript")}\n`);
});
app.get("/time", async (request, response) => {
  response.send(process.env.DATABASE_URL ? (await pool.query("select now()")).rows[0] : "no database\n");
});

const server = app.listen(process.env.PORT, () => console.log("ready"));
process.on("SIGTERM", () => server.close(() => console.log("closed")));
