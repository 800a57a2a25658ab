// A Lambda runtime emulator, serverless-offline, on a free port, for the functions of handlers.mjs. Prints where it is, then
// what the functions print, and ends with its input.

import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";

import * as handlers from "./handlers.mjs";

// The emulator does not tell which port it got; Node does.
let port;
subscribe("tracing:net.server.listen:asyncEnd", ({ server }) => {
  port = server.address().port;
});

const path = createRequire(`${process.argv[2]}/`).resolve("serverless-offline/lambda");
const { default: Lambda } = await import(path);
const runtime = "nodejs20.x";
const lambda = new Lambda(
  { config: { servicePath: import.meta.dirname }, service: { provider: { runtime, region: "us-east-1" } } },
  { host: "127.0.0.1", lambdaPort: 0, terminateIdleLambdaTime: 60 },
);
lambda.create(
  Object.keys(handlers).map((name) => ({
    functionKey: name,
    functionDefinition: { name, handler: `handlers.${name}` },
  })),
);
await lambda.start();
console.log(`http://127.0.0.1:${port}`);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
