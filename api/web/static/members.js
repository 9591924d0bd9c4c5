// <record-members>: the list of members at the point of the clocks, and a filter over it.
import { LitElement, html, nothing, render } from "./lit-element.js";
import { counted, standings } from "./counts.js";
import { query } from "./links.js";
import { dotted } from "./state.js";

const ICONS = { CERTAIN: "check", POSSIBLE: "maybe", ANNOUNCED: "speech" };
const icons = new URL("icons.svg", import.meta.url).pathname;
const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u0652\u0640]/g, "").toLowerCase();

export const icon = (name) => html`<svg class="icon" aria-hidden="true"><use href="${icons}#${name}"></use></svg>`;

class RecordMembers extends LitElement {
  static properties = { told: { state: true }, filter: { state: true } };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    this.filter = "";
    this.head = this.querySelector("thead")?.cloneNode(true) ?? null;
    this.place = this.closest(".card")?.querySelector("[data-filter]");
    document.addEventListener("asof-change", ({ detail }) => this.change(detail));
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.target.closest("input, textarea")) {
        const field = this.place?.querySelector("input") ?? document.getElementById("search");
        event.preventDefault();
        field.focus();
      }
    });
  }

  change({ point, rectangles, words }) {
    if (rectangles === null) return; // the server writes it
    this.words = words;
    this.query = query();
    const members = rectangles.at(point).get("members") ?? [];
    this.told = members
      .map((each) => ({ ...each, name: rectangles.called(each.whom, point).name }))
      .sort((a, b) => (a.key ??= a.name.toLowerCase(), b.key ??= b.name.toLowerCase(), a.key < b.key ? -1 : a.key > b.key ? 1 : a.whom < b.whom ? -1 : 1));
    if (this.started !== true) {
      this.started = true;
      this.replaceChildren();
      this.dataset.live = "";
      super.connectedCallback();
    }
    standings(this.closest(".card"), members, words);
  }

  render() {
    const wanted = folded(this.filter);
    const rows = wanted === "" ? this.told : this.told.filter((each) => folded(each.name).includes(wanted));
    return rows.length === 0 ? html`<p class="empty">${this.words.none}</p>` : html`<table class="held">${this.head}<tbody>${rows.map((each) => this.row(each))}</tbody></table>`;
  }

  // The filter is in the heading of the card.
  updated() {
    render(html`<input type="search" .value=${this.filter} placeholder=${this.words.filter} aria-label=${this.words.filter} dir="auto"
      @input=${(event) => (this.filter = event.target.value)} @keydown=${(event) => event.key === "Escape" && (this.filter = "")}>`, this.place);
  }

  row({ whom, name, standing, row }) {
    const words = this.words;
    const linked = (text, fact) => (fact === null ? text : html`<a class="evidence" href="/f/${dotted(fact, "fact")}${this.query}" data-fact=${fact}>${text}</a>`);
    const other = (content) => html` <span class="other">${content}</span>`;
    return html`<tr data-id=${whom}><th scope="row"><a href="/e/${dotted(whom, "state")}${this.query}"><bdi>${name}</bdi></a></th>
      <td>${linked(row.since, row.fact)}${row.notes.map(([text, fact, sources]) => other(html`${linked(text, fact)}${sources === "" ? nothing : html` <span class="quiet">(<bdi>${sources}</bdi>)</span>`}`))}</td>
      <td><span class="badge ${standing.toLowerCase()}">${icon(ICONS[standing])}${words[standing]}</span>${row.contested ? html` <span class="badge contested">${icon("fork")}${words.contested}</span>` : row.disputed ? html` <span class="badge disputed">${icon("denied")}${words.disputed}</span>` : nothing}${row.attested === "" ? nothing : html` <span class="attested" title=${words.attested.replace("%(day)s", row.attested)}>${row.attested}</span>`}${row.disagreeing && row.fact !== null ? other(linked(words.claims, row.fact)) : nothing}</td>
      <td>${linked(html`${icon("page")} ${row.sources}<span class="unseen"> ${counted(words.sources, row.sources)}</span>`, row.fact)}</td></tr>`;
  }
}

customElements.define("record-members", RecordMembers);
