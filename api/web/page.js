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

async function question() {
  const response = await fetch("/graphiql/question.json");
  const { query, variables } = response.ok ? await response.json() : { query: "", variables: {} };
  return [query, JSON.stringify(variables, null, 2)];
}

async function start() {
  const given = new URLSearchParams(location.search);
  const [query, variables] = given.has("query")
    ? [given.get("query"), given.get("variables") ?? ""]
    : await question();
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
