// Headings that sort. The order is in the address: the server writes its lists by it, and the list
// of members, which moves with the clocks, is ordered by the same keys (held_order.py).
import { address, write } from "./state.js";

export const USUAL = "name";
const FALLING = ["newest", "standing"];
const BEST = ["CERTAIN", "POSSIBLE", "ANNOUNCED"];
export const HEADINGS = "table.held th a[data-orders]";

// What nobody says when it began comes last.
const known = (compare) => ({ row: { start: a } }, { row: { start: b } }) => (a === null || b === null ? (a === null) - (b === null) : compare(a, b));

// Compares what holds, each with its place in the order of names.
const ORDERS = {
  name: () => 0,
  newest: known((a, b) => b[1] - a[1] || b[0] - a[0]),
  date: known((a, b) => a[0] - b[0] || a[1] - b[1]),
  standing: (a, b) => BEST.indexOf(a.standing) - BEST.indexOf(b.standing),
};

const asked = () => address().searchParams.get("sort") ?? USUAL;

// A list of too many for one page has no headings that sort, and is in the order of names.
export function sorted(list, told) {
  const compare = ORDERS[list.querySelector(HEADINGS) === null ? USUAL : asked()] ?? ORDERS[USUAL];
  return told.sort((a, b) => compare(a, b) || a.order - b.order);
}

// The order that a heading leads to: its first one, or what comes after the present one.
export function next(heading) {
  const orders = heading.dataset.orders.split(" ");
  return orders[(orders.indexOf(asked()) + 1) % orders.length];
}

document.addEventListener("click", (event) => {
  const heading = event.target.closest(HEADINGS);
  if (heading === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (heading.closest("record-members[data-live], [data-follow]") === null) return;
  event.preventDefault();
  const to = next(heading);
  const place = [...document.querySelectorAll(HEADINGS)].indexOf(heading);
  write({ sort: to === USUAL ? null : to });
  for (const each of document.querySelectorAll(HEADINGS)) {
    const cell = each.closest("th");
    if (each.dataset.orders.split(" ").includes(to)) cell.ariaSort = FALLING.includes(to) ? "descending" : "ascending";
    else cell.removeAttribute("aria-sort");
  }
  document.dispatchEvent(new CustomEvent("sort-change", { detail: place }));
});
