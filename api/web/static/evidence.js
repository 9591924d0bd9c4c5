// <record-evidence>: the drawer that tells a fact beside the page; its words are the fact's page's.
import { dotted, here } from "./state.js";

class RecordEvidence extends HTMLElement {
  connectedCallback() {
    this.told = this.querySelector("[data-told]");
    this.querySelector("[data-close]").addEventListener("click", () => this.close());
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.hidden) this.close();
    });
  }

  clicked(event) {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const marked = event.target.closest("[data-fact]");
    if (marked === null) return;
    event.preventDefault();
    this.open(marked.dataset.fact, marked);
  }

  async open(fact, from) {
    const asked = new URLSearchParams([...here(), ["lang", document.documentElement.lang]]);
    asked.delete("asOf");
    const response = await fetch(`/f/${encodeURIComponent(fact)}/evidence?${asked}`);
    if (!response.ok) {
      location.href = `/f/${dotted(fact, "fact")}?${asked}`;
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    this.told.replaceChildren(document.importNode(page.querySelector(".evidence-told"), true));
    document.querySelectorAll("tr.chosen").forEach((row) => row.classList.remove("chosen"));
    from?.closest("tr")?.classList.add("chosen");
    if (!this.contains(from)) this.from = from;
    this.hidden = false;
    document.body.classList.add("beside");
    this.focus({ preventScroll: true });
    this.scrollTop = 0;
  }

  close() {
    this.hidden = true;
    document.body.classList.remove("beside");
    document.querySelectorAll("tr.chosen").forEach((row) => row.classList.remove("chosen"));
    this.from?.focus?.();
  }
}

customElements.define("record-evidence", RecordEvidence);
