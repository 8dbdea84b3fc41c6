// Runs every audit of the graphql-http package (GraphQL over HTTP) against a server.
//
//   ANSINH_URL=http://127.0.0.1:8080/graphql ANSINH_TOKEN=… node audit.mjs
//
// Prints each audit that fails and a last line with the counts; the exit code is 1 when one fails, 2 when there is no
// server to ask.
import { serverAudits } from "graphql-http";

const url = process.env.ANSINH_URL ?? "http://127.0.0.1:8080/graphql";
const token = process.env.ANSINH_TOKEN;

const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};

try {
  const answer = await fetchFn(`${url}?query={__typename}`, { headers: { accept: "application/json" } });
  if (answer.status === 401) throw new Error("the token in ANSINH_TOKEN is not accepted");
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const { fn } of serverAudits({ url, fetchFn })) {
  const result = await fn();
  if (result.status === "ok") {
    passed += 1;
  } else {
    failed += 1;
    console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
  }
  await result.response?.body?.cancel().catch(() => {});
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
