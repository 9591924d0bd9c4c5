// The forms for correcting do without this: it shows them where to look, and offers names as one types.
const QUERY = `query($text: String!, $kinds: [Searched!], $lang: String!) {
  search(text: $text, kinds: $kinds, first: 8) {
    edges { node { id entity { name(lang: $lang) } source { title } } }
  }
}`;

const form = document.querySelector("[data-form]");

async function offer(field) {
  const text = field.value.trim();
  if (text.length < 2 || text === field.offered) return;
  field.offered = text;
  const variables = { text, kinds: [field.dataset.seek.toUpperCase()], lang: document.documentElement.lang };
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUERY, variables }),
  });
  const { data } = await response.json();
  if (!data?.search || field.value.trim() !== text) return;
  field.list.replaceChildren(...data.search.edges.map(({ node }) => Object.assign(document.createElement("option"), { value: node.entity?.name ?? node.source?.title ?? node.id })));
}

let waiting = null;
form?.addEventListener("input", ({ target }) => {
  form.changed = true;
  if (target.dataset.seek === undefined) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => offer(target), 200);
});

// What is made beside a box begins with what is typed there.
for (const made of document.querySelectorAll("[data-new]")) {
  made.addEventListener("toggle", () => {
    const own = made.querySelector(`[name$="names.${document.documentElement.lang}"], [name$="].title"]`);
    const typed = document.getElementById(made.dataset.new).value;
    if (made.open && own.value === "") own.value = typed;
    else if (!made.open && own.value === typed) own.value = "";
  });
}

// Another language is another page: what is typed goes along.
document.querySelector(".language")?.addEventListener("click", (event) => {
  if (!form?.changed && !form?.elements.content) return; // a table that was sent is in its form alone
  event.preventDefault();
  const step = Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: "stay" });
  form.append(step);
  form.action = event.currentTarget.href;
  form.changed = false;
  form.submit();
});

// Nobody leaves a form half filled in by mistake; sending it is no leaving.
form?.addEventListener("submit", () => (form.changed = false));
addEventListener("beforeunload", (event) => {
  if (form?.changed) event.preventDefault();
});

(document.getElementById("wrong") ?? document.getElementById("preview"))?.focus();
