// Starts GraphiQL. A file of its own, because the page's content security policy allows no inline script.
"use strict";

const WELCOME = `# Turnout's API. Ctrl-Space completes, Ctrl-Enter runs; the book on the left opens the documentation.
#
# To act as somebody, write their access token under "Headers" below:
#   { "Authorization": "Bearer …" }

{
  __typename
}
`;

// Subscriptions use the same path over a WebSocket (graphql-transport-ws); what stands under "Headers" is sent along in
// connection_init, since a browser can set no headers on a WebSocket.
const socket = new URL("/graphql", window.location.href);
socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";

const fetcher = GraphiQL.createFetcher({ url: "/graphql", subscriptionUrl: socket.href });

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: WELCOME,
    defaultEditorToolsVisibility: "headers",
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false, // a token must not stay in the browser's storage
  }),
);
