// Starts GraphiQL on this host's API. ?query= and ?variables= load another question.
"use strict";

async function ask(parameters) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
    },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

async function text(name) {
  const response = await fetch(`/graphiql/${name}`);
  return response.text();
}

async function start() {
  const given = new URLSearchParams(location.search);
  const [query, variables] = given.has("query")
    ? [given.get("query"), given.get("variables") ?? ""]
    : await Promise.all([text("question.graphql"), text("question.json")]);
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: ask,
      query,
      variables,
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
    }),
  );
}

start();
