// A real OpenID provider on a free port. Prints where it is, and ends with its input.
//
// Access tokens of its client credentials flow are JWTs (RFC 9068) for the resource that is asked for.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const { default: Provider } = await import(createRequire(`${process.argv[2]}/`).resolve("oidc-provider"));

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "machine",
      client_secret: "secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes: ["shop/read", "shop/write"],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        audience: resource,
        scope: "shop/read shop/write",
        accessTokenFormat: "jwt",
      }),
    },
  },
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
