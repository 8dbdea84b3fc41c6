"use strict";
// The page's own part: a field for the access token, and a fetcher that reads JSON or server-sent events.
(() => {
  const form = document.getElementById("access");
  const field = document.getElementById("token");
  const who = document.getElementById("who");
  const kept = "ansinh-token"; // for this tab alone: it is gone when the tab is closed
  let token = sessionStorage.getItem(kept) || "";

  const headers = (more, accept) => ({
    accept,
    "content-type": "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...more,
  });

  const isSubscription = (document, name) =>
    !!document &&
    document.definitions.some(
      (definition) =>
        definition.kind === "OperationDefinition" &&
        definition.operation === "subscription" &&
        (!name || definition.name?.value === name),
    );

  /** Yields each result of an event stream; leaving the loop closes the stream. */
  async function* events(params, more) {
    const stop = new AbortController();
    try {
      const response = await fetch("/graphql", {
        method: "POST",
        headers: headers(more, "text/event-stream"),
        body: JSON.stringify(params),
        signal: stop.signal,
      });
      if (!(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
        yield await response.json();
        return;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const lines = block.split("\n");
          const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
          if (lines.includes("event: complete")) return;
          if (lines.includes("event: next")) yield JSON.parse(data.join("\n"));
        }
      }
    } finally {
      stop.abort();
    }
  }

  async function fetcher(params, options) {
    const more = options?.headers;
    if (isSubscription(options?.documentAST, params.operationName)) return events(params, more);
    const response = await fetch("/graphql", {
      method: "POST",
      headers: headers(more, "application/graphql-response+json, application/json;q=0.9"),
      body: JSON.stringify(params),
    });
    return response.json();
  }

  const welcome = `# An Sinh. Paste an access token above, or a header below:
#   {"Authorization": "Bearer …"}
#
# Dán mã truy cập vào ô phía trên, hoặc thêm tiêu đề ở khung Headers.

{
  __typename
}
`;
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  let turn = 0; // a new key makes GraphiQL read the schema again, as the new caller sees it
  const show = () => {
    who.textContent = token ? "✓" : "";
    root.render(
      React.createElement(GraphiQL, {
        key: turn,
        fetcher,
        defaultQuery: welcome,
        defaultEditorToolsVisibility: true,
        shouldPersistHeaders: false,
      }),
    );
  };
  field.value = token;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    token = field.value.trim().replace(/^Bearer\s+/i, "");
    if (token) sessionStorage.setItem(kept, token);
    else sessionStorage.removeItem(kept);
    turn += 1;
    show();
  });
  show();
})();
