// The search field of every page: what is found, as one types. The list is the search page's own.
const WAIT = 250; // milliseconds without a key after which it is asked for
const SHORTEST = 2;

const form = document.querySelector("form.search");
const field = form?.querySelector("[name=q]");
const list = form?.querySelector("[data-live]");
let waiting = null;
let asked = null;

async function find() {
  const text = field.value.trim();
  asked?.abort();
  if (text.length < SHORTEST) return show(null);
  asked = new AbortController();
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) url.searchParams.set(name, value);
  url.searchParams.set("lang", document.documentElement.lang);
  try {
    const response = await fetch(url, { headers: { accept: "text/html" }, signal: asked.signal });
    if (!response.ok) return show(null);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    show(page.querySelector(".live-found"));
  } catch (error) {
    if (error.name !== "AbortError") show(null);
  }
}

function show(found) {
  list.hidden = found === null;
  list.replaceChildren(...(found === null ? [] : [document.importNode(found, true)]));
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(find, WAIT);
});
form?.addEventListener("submit", () => {
  clearTimeout(waiting);
  asked?.abort();
});
form?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    show(null);
    field.focus();
  }
  if (list.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const places = [field, ...list.querySelectorAll("li b a")];
  const way = event.key === "ArrowDown" ? 1 : -1;
  places[(places.indexOf(document.activeElement) + way + places.length) % places.length].focus();
});
document.addEventListener("click", (event) => {
  if (form !== null && !form.contains(event.target)) show(null);
});
