// What a page does beyond what the server wrote; without it the page is complete, if still.
// The elements speak through one event, `asof-change`, and through the address.
import "./asof.js";
import "./members.js";
import "./map.js";
import "./timeline.js";
import "./evidence.js";
import "./diff.js";
import "./take.js";
import "./search.js";
import "./count.js";
import "./knowledge.js";
import "./story.js";
import { adopt } from "./links.js";
import { HEADINGS } from "./sort.js";
import { address } from "./state.js";

// What is not drawn from rectangles follows once the clocks come to rest: the server writes it.
let resting = null;
let latest = 0;
document.addEventListener("asof-change", ({ detail }) => {
  const first = resting === null;
  clearTimeout(resting);
  if (detail.playing) return grey(true); // it follows once the clocks stop
  if (!first) grey(true);
  resting = setTimeout(first ? () => {} : follow, 250);
});

// Until then it is grey, and what would contradict a count beside it is not shown at all.
function grey(busy) {
  latest += 1;
  for (const part of document.querySelectorAll("[data-follow]")) {
    part.classList.toggle("stale", busy);
    if (busy) part.setAttribute("aria-busy", "true");
    else part.removeAttribute("aria-busy");
  }
}

async function follow() {
  const turn = latest;
  const response = await fetch(address(), { headers: { accept: "text/html" } }).catch(() => null);
  if (turn !== latest) return;
  const unreached = document.querySelector("[data-unreached]");
  if (unreached !== null) unreached.hidden = response !== null && response.ok;
  if (response === null || !response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (turn !== latest) return;
  for (const part of document.querySelectorAll("[data-follow]")) {
    const other = page.querySelector(`[data-follow="${part.dataset.follow}"]`);
    if (other !== null && !(part.hidden || other.hidden)) part.replaceChildren(...document.importNode(other, true).childNodes);
  }
  for (const meta of document.querySelectorAll("meta[name=description], meta[property]")) {
    const { name, content } = meta;
    const other = [...page.querySelectorAll("meta")].find((each) => (name ? each.name === name : each.getAttribute("property") === meta.getAttribute("property")));
    if (other !== undefined) meta.content = other.content;
  }
  document.title = page.title;
  adopt();
  grey(false);
  document.dispatchEvent(new Event("followed"));
}

// Lists that the server writes are in the order that a heading asked for, and who is at one stays there.
document.addEventListener("sort-change", async ({ detail: place }) => {
  const heading = document.activeElement;
  await follow();
  if (!heading.isConnected) document.querySelectorAll(HEADINGS)[place]?.focus({ preventScroll: true });
});

// Copy link pins the position (links.js). Where there is no clipboard, the link leads to the pinned page.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copy]");
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (navigator.clipboard === undefined) return;
  event.preventDefault();
  await navigator.clipboard.writeText(link.href);
  link.classList.add("done");
  setTimeout(() => link.classList.remove("done"), 1500);
});
