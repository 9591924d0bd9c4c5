// Days, and the state in the address. Days are numbers, 1970-01-01 is 0.
const DAY = 86_400_000;
const REST = 100; // milliseconds after which a clock is not being moved
export const CLOCKS = ["asOf", "knownAt", "recordedAt", "atPosition"];

// The address says the clocks as the server read them.
const { clocks } = document.documentElement.dataset;
if (clocks !== undefined) {
  const read = new URLSearchParams(clocks.slice(clocks.indexOf("?")));
  const url = new URL(location.href);
  for (const name of CLOCKS) {
    if (read.has(name)) url.searchParams.set(name, read.get(name));
    else url.searchParams.delete(name);
  }
  history.replaceState(null, "", url.href.replaceAll("%3A", ":"));
}

// The address of the point that the clocks are at, before the window's own says it, too.
let coming = null;
let resting = null;
export const address = () => new URL(coming ?? location.href);

export function here() {
  const given = address().searchParams;
  return new Map(CLOCKS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

export function write(changes) {
  change(changes);
  settle();
}

// While a clock is moved, as fast as a pointer: browsers let a page write its address some hundred
// times in ten seconds, and each link says the address.
export function writeSoon(changes) {
  change(changes);
  clearTimeout(resting);
  resting = setTimeout(settle, REST);
}

function change(changes) {
  const url = address();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  coming = url.href.replaceAll("%3A", ":");
}

export function settle() {
  if (coming === null) return;
  clearTimeout(resting);
  history.replaceState(null, "", coming);
  coming = null;
  document.dispatchEvent(new Event("address-change"));
}

// Whoever comes near a link finds it right.
for (const type of ["pointerover", "pointerdown", "focusin", "click", "contextmenu"]) addEventListener(type, settle, true);

export function isoOf(day) {
  const iso = new Date(day * DAY).toISOString();
  return iso.slice(0, iso.indexOf("T"));
}

// The first and the last day of a year, a month or a day; null for what is none.
export function daysOf(text) {
  const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text.trim());
  if (found === null) return null;
  const [year, month, day] = found.slice(1).map((part) => (part === undefined ? null : Number(part)));
  const at = (y, m, d) => {
    const date = new Date(0);
    date.setUTCFullYear(y, m - 1, d);
    return date.getTime() / DAY;
  };
  if (month === null) return [at(year, 1, 1), at(year + 1, 1, 1) - 1];
  if (month < 1 || month > 12) return null;
  const last = at(year, month + 1, 1) - 1;
  if (day === null) return [at(year, month, 1), last];
  const only = at(year, month, day);
  return day >= 1 && only <= last ? [only, only] : null;
}

export function inWords(day, months) {
  const date = new Date(day * DAY);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

export function spanInWords(text, months) {
  const parts = text.split("-");
  if (parts.length === 1) return parts[0];
  if (parts.length === 2) return `${months[Number(parts[1]) - 1]} ${parts[0]}`;
  return inWords(daysOf(text)[0], months);
}

// An id in the address of its page, which needs its name where the id has a dot: what follows a
// dot may be a format.
export function dotted(id, page) {
  return id.includes(".") ? `${id}/${page}` : id;
}
