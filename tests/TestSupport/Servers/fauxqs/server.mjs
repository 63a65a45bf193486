// fauxqs, which speaks S3, kept in memory, on a free port of this machine. Prints the port, and ends with whoever started it.
import { register } from "node:module";

// fauxqs keeps queues in node:sqlite where it is asked to, and imports it in any case; Node.js has it from 22.5 on. Nothing is kept here.
const sqlite = 'export class DatabaseSync { constructor() { throw new Error("There is no node:sqlite here."); } }';
const hooks = `export const resolve = (name, context, next) => name === "node:sqlite"
  ? { url: "data:text/javascript,${encodeURIComponent(sqlite)}", shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { buildApp } = await import("fauxqs");
const server = buildApp({ logger: false });
const address = await server.listen({ port: 0, host: "127.0.0.1" });
console.log(new URL(address).port);

// The pipe closes with the tests, however they end.
process.stdin.on("end", () => process.exit()).resume();
