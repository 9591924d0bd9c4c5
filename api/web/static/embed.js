// <sijill-view of="global-coalition" question="members" as-of="2025-11-10" known-at="2025-11-03"
// at-position="537" lang="en">: a pinned answer of the record that serves this script, on any page.
// What stands in the element, such as a link, is seen until the answer comes, and if none comes.
const PARTS = { "as-of": "asOf", "known-at": "knownAt", "at-position": "atPosition", lang: "lang" };
let style;

async function got(address) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  return response.text();
}

async function styled() {
  const sheet = new CSSStyleSheet();
  return sheet.replace(await got(new URL("embed.css", import.meta.url)));
}

class SijillView extends HTMLElement {
  static observedAttributes = ["of", "question", ...Object.keys(PARTS)];

  constructor() {
    super();
    this.turn = 0;
    this.attachShadow({ mode: "open" }).append(document.createElement("slot"));
  }

  connectedCallback() {
    this.load();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.load();
  }

  async load() {
    const turn = (this.turn += 1);
    await null; // attributes that change together ask once
    if (turn !== this.turn) return;
    const asked = (name) => encodeURIComponent(this.getAttribute(name) ?? "");
    const url = new URL(`/embed/e/${asked("of")}/${asked("question") || "members"}`, import.meta.url);
    for (const [attribute, name] of Object.entries(PARTS)) {
      if (this.hasAttribute(attribute)) url.searchParams.set(name, this.getAttribute(attribute));
    }
    try {
      const [sheet, text] = await Promise.all([(style ??= styled()), got(url)]);
      if (turn !== this.turn) return;
      const told = new DOMParser().parseFromString(text, "text/html").querySelector("[data-sijill]");
      // It is no page of its own there, with a <main> and a first heading.
      const part = document.createElement("section");
      for (const { name, value } of told.attributes) part.setAttribute(name, value);
      part.append(...told.childNodes);
      part.querySelector("h1").setAttribute("role", "none");
      this.shadowRoot.adoptedStyleSheets = [sheet];
      this.shadowRoot.replaceChildren(part);
      this.dispatchEvent(new Event("load"));
    } catch (error) {
      style = undefined;
      console.warn("sijill-view:", error.message);
      this.dispatchEvent(new Event("error"));
    }
  }
}

customElements.define("sijill-view", SijillView);
