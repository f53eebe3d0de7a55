"use strict";

const socket = new URL("/graphql", location.href);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const fetcher = GraphiQL.createFetcher({ url: "/graphql", subscriptionUrl: socket.href });

fetch("/graphiql/examples.json")
  .then((answer) => answer.json())
  .then((examples) => {
    const defaultTabs = examples.map(({ title, query, variables }) => ({
      query: `# ${title}\n${query.join("\n")}\n`,
      variables: variables && JSON.stringify(variables, null, 2),
      // A demo lets everybody read, and its preparer post.
      headers: query[0].startsWith("mutation")
        ? JSON.stringify({ authorization: "Bearer demo-preparer" }, null, 2)
        : undefined,
    }));
    ReactDOM.createRoot(document.getElementById("graphiql")).render(
      React.createElement(GraphiQL, { fetcher, defaultTabs, shouldPersistHeaders: false }),
    );
  });
