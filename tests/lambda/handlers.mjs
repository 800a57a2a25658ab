// Functions as they are written for Lambda.

// Tells what it was passed, in bytes that are no text.
export async function echo(event, context) {
  const told = {
    method: event.httpMethod,
    path: event.path,
    id: event.pathParameters.id,
    colours: event.multiValueQueryStringParameters?.colour,
    header: event.headers["x-one"],
    body: event.isBase64Encoded ? Buffer.from(event.body, "base64").toString("hex") : event.body,
    stage: event.requestContext.stage,
    principal: event.requestContext.authorizer?.principalId,
    function: context.functionName,
  };
  return {
    statusCode: 201,
    headers: { "content-type": "image/png", "x-told": JSON.stringify(told) },
    multiValueHeaders: { "set-cookie": ["a=1", "b=2"] },
    body: Buffer.from([0x89, 0x50, 0xff, 0x00]).toString("base64"),
    isBase64Encoded: true,
  };
}

// Throws what it is told to.
export async function fails(event) {
  throw new Error(event.message ?? "boom");
}

// Nobody waits for it: what it prints shows that it ran.
export async function later(event) {
  console.log(JSON.stringify({ ran: event.pathParameters.id }));
}

// An authorizer in the old form, with a callback.
export function check(event, _context, callback) {
  const { authorizationToken: token, methodArn } = event;
  if (token !== "allow" && token !== "deny") {
    callback(new Error("Unauthorized"));
    return;
  }
  const effect = token === "allow" ? "Allow" : "Deny";
  callback(null, {
    principalId: "alice",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: effect, Resource: methodArn }],
    },
    context: { team: "blue" },
  });
}
