// Links go on from the point of the clocks: each is right at any time, however it is opened. A link
// has a clock of its own where it differed from the page's when the server wrote both.
import { USUAL, next } from "./sort.js";
import { CLOCKS, address, here } from "./state.js";

const TIMELESS = /^\/(edit|graphiql|static|document|import|vocabulary|log\/)|\.\w+$/;
const STAYING = ".language, [data-copy], .printed a, record-asof a, .held th a[data-orders], link[hreflang]"; // these keep the drawer and the order, too
const LINKS = "a[href]:not([href^='#'], .step, record-members[data-live] tbody a), link[hreflang]";
const known = new WeakMap();
let written = here(); // the point that the server wrote new links for

// What every link has: the clocks, and the language if the address names it.
export function query() {
  const lang = address().searchParams.get("lang");
  const parts = [...here(), ...(lang === null ? [] : [["lang", lang]])];
  return parts.length === 0 ? "" : `?${readable(new URLSearchParams(parts))}`;
}

const readable = (parts) => parts.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");

function read(link) {
  const url = new URL(link.href);
  const own = (name) => url.searchParams.get(name) ?? undefined;
  const same = (...names) => names.every((name) => own(name) === written.get(name));
  const record = same("recordedAt", "atPosition");
  const following = CLOCKS.filter((name) => (name === "recordedAt" || name === "atPosition" ? record : same(name)) && !link.dataset.own?.includes(name));
  if (url.origin !== location.origin || TIMELESS.test(url.pathname) || link.download) following.length = 0;
  const pinned = link.matches("[data-copy], .printed a") ? own("atPosition") : undefined;
  const day = link.matches(".printed a") ? own("asOf") : undefined; // of a page of today
  return { url, following, pinned, day, stays: link.matches(STAYING) };
}

// Have the address of each link say the point that the clocks are at.
function carry() {
  const point = here();
  const given = address().searchParams;
  for (const link of document.querySelectorAll(LINKS)) {
    let found = known.get(link);
    if (found === undefined) known.set(link, (found = read(link)));
    const { url, following, pinned, day, stays } = found;
    if (following.length === 0 && !stays) continue;
    for (const name of following) set(url, name, point.get(name));
    if (day !== undefined) set(url, "asOf", point.get("asOf") ?? day);
    if (stays) {
      set(url, "evidence", given.get("evidence") ?? undefined);
      const sort = link.dataset.orders === undefined ? given.get("sort") : next(link);
      set(url, "sort", sort === USUAL || sort === null ? undefined : sort);
    }
    if (pinned !== undefined) {
      set(url, "atPosition", point.get("atPosition") ?? pinned);
      set(url, "recordedAt", undefined);
    }
    const text = readable(url.searchParams);
    link.setAttribute("href", url.pathname + (text && `?${text}`) + url.hash);
  }
  for (const form of document.querySelectorAll("form.search")) fill(form, point);
}

function set(url, name, value) {
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
}

// What a form sends beside what is typed.
function fill(form, point) {
  for (const name of CLOCKS) {
    let field = form.querySelector(`input[type=hidden][name=${name}]`);
    if (!point.has(name)) field?.remove();
    else {
      if (field === null) form.append((field = Object.assign(document.createElement("input"), { type: "hidden", name })));
      field.value = point.get(name);
    }
  }
}

// What one may do, by the role that signing in left: the pages themselves are the same for everybody.
const ROLES = ["contributor", "reviewer", "admin"];
const role = /(?:^|; )sijill_role=(\w+)/.exec(document.cookie)?.[1];
function offer() {
  if (!ROLES.includes(role)) return;
  for (const door of document.querySelectorAll("[data-may]")) door.hidden = ROLES.indexOf(role) < ROLES.indexOf(door.dataset.may);
}

// After the server wrote a part anew, for the point that the address has now.
export function adopt() {
  written = here();
  carry();
  offer();
}

offer();

document.addEventListener("address-change", carry);
