// <record-evidence>: the drawer that tells a fact beside the page. The address names the fact, the
// server writes the drawer; it follows the clocks as the page's other parts do (record.js).
import { adopt } from "./links.js";
import { dotted, here, write } from "./state.js";

class RecordEvidence extends HTMLElement {
  connectedCallback() {
    this.fact = this.dataset.open ?? null;
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.hidden) this.close();
    });
    document.addEventListener("asof-change", () => this.keep());
    document.addEventListener("followed", () => this.mark());
  }

  clicked(event) {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("[data-close]") !== null) {
      event.preventDefault();
      this.close();
      return;
    }
    const marked = event.target.closest("[data-fact]");
    if (marked === null) return;
    event.preventDefault();
    this.open(marked.dataset.fact, marked);
  }

  async open(fact, from) {
    const asked = new URLSearchParams([...here(), ["lang", document.documentElement.lang]]);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const response = await fetch(`/f/${encodeURIComponent(fact)}/evidence?${asked}`);
    if (!response.ok) {
      location.href = `/f/${dotted(fact, "fact")}?${asked}`;
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (turn !== this.turn) return;
    this.querySelector("[data-told]").replaceChildren(document.importNode(page.querySelector(".evidence-told"), true));
    this.fact = fact;
    if (!this.contains(from)) [this.from, this.whom] = [from, from?.closest("tr")?.dataset.id ?? null];
    this.hidden = false;
    document.body.classList.add("beside");
    write({ evidence: fact });
    adopt();
    this.mark();
    this.chosen?.scrollIntoView({ block: this.isSheet ? "start" : "nearest" });
    this.focus({ preventScroll: true });
    this.scrollTop = 0;
  }

  close() {
    this.hidden = true;
    this.fact = null;
    this.turn = (this.turn ?? 0) + 1;
    document.body.classList.remove("beside");
    write({ evidence: null });
    this.mark();
    this.from?.focus?.();
  }

  // On a phone it leaves a strip of the page free.
  get isSheet() {
    return this.getBoundingClientRect().left === 0;
  }

  // Whoever slides goes on seeing the row, where it was, if it was to be seen.
  keep() {
    if (this.hidden) return;
    const before = this.chosen?.isConnected ? this.chosen.getBoundingClientRect() : null;
    requestAnimationFrame(() => {
      this.mark();
      const seen = before !== null && before.height > 0 && before.bottom > 0 && before.top < innerHeight;
      if (seen && this.chosen !== null) scrollBy(0, this.chosen.getBoundingClientRect().top - before.top);
    });
  }

  // The row that says it: by the fact, else by whom the row is of.
  mark() {
    const by = (selector) => [...document.querySelectorAll(selector)].map((each) => each.closest("main tr")).find((row) => row !== null) ?? null;
    this.chosen = null;
    if (this.fact !== null) {
      this.chosen = by(`main tr [data-fact="${CSS.escape(this.fact)}"]`);
      if (this.chosen === null && this.whom) this.chosen = by(`main tr[data-id="${CSS.escape(this.whom)}"]`);
      this.whom = this.chosen?.dataset.id ?? this.whom;
    }
    for (const row of document.querySelectorAll("main tr.chosen")) row.classList.toggle("chosen", row === this.chosen);
    this.chosen?.classList.add("chosen");
  }
}

customElements.define("record-evidence", RecordEvidence);
