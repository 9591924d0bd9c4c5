// <record-members>: the list of members at the point of the clocks, and a filter over it.
import { LitElement, html, noChange, nothing, render } from "./lit-element.js";
import { counted, standings } from "./counts.js";
import { query } from "./links.js";
import { repeat } from "./repeat.js";
import { sorted } from "./sort.js";
import { dotted } from "./state.js";

const ICONS = { CERTAIN: "check", POSSIBLE: "maybe", ANNOUNCED: "speech" };
const icons = new URL("icons.svg", import.meta.url).pathname;
const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u0652\u0640]/g, "").toLowerCase();

export const icon = (name) => html`<svg class="icon" aria-hidden="true"><use href="${icons}#${name}"></use></svg>`;

const other = (content) => html` <span class="other">${content}</span>`;

class RecordMembers extends LitElement {
  static properties = { told: { state: true }, filter: { state: true }, query: { state: true } };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    this.filter = "";
    this.said = new Map();
    this.head = this.querySelector("thead")?.cloneNode(true) ?? null;
    this.place = this.closest(".card")?.querySelector("[data-filter]");
    document.addEventListener("asof-change", ({ detail }) => this.change(detail));
    document.addEventListener("address-change", () => (this.query = query()));
    document.addEventListener("sort-change", () => this.told !== undefined && (this.told = sorted(this, [...this.told])));
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
    const members = rectangles.at(point).get("members") ?? [];
    this.told = sorted(this, members.map((each) => ({ ...each, ...rectangles.called(each.whom, point) })));
    if (this.started !== true) {
      this.started = true;
      this.query = query();
      this.replaceChildren();
      this.dataset.live = "";
      super.connectedCallback();
    }
    standings(this.closest(".card"), members, words);
  }

  render() {
    const wanted = folded(this.filter);
    const rows = wanted === "" ? this.told : this.told.filter((each) => folded(each.name).includes(wanted));
    const before = this.said;
    this.said = new Map();
    return html`<table class="held">${this.head}<tbody>${repeat(rows, (each) => each.whom, (each) => this.changed(each, before))}</tbody></table>${rows.length === 0 ? html`<p class="empty">${this.words.none}</p>` : nothing}`;
  }

  // The filter is in the heading of the card.
  updated() {
    render(html`<input type="search" .value=${this.filter} placeholder=${this.words.filter} aria-label=${this.words.filter} dir="auto"
      @input=${(event) => (this.filter = event.target.value)} @keydown=${(event) => event.key === "Escape" && (this.filter = "")}>`, this.place);
  }

  // A line of its own for what others have not.
  doubt(row, linked) {
    const claims = row.disagreeing && row.fact !== null;
    if (!(row.contested || row.disputed || claims)) return nothing;
    const badge = (name, sign) => html`<span class="badge ${name}">${icon(sign)}${this.words[name]}</span>`;
    return other(html`${row.contested ? badge("contested", "fork") : row.disputed ? badge("disputed", "denied") : nothing} ${claims ? linked(this.words.claims, row.fact) : nothing}`);
  }

  // A row that says what it said is left alone.
  changed(each, before) {
    const says = [each.row, each.standing, each.name, this.query];
    this.said.set(each.whom, says);
    return before.get(each.whom)?.every((said, place) => said === says[place]) ? noChange : this.row(each);
  }

  row({ whom, name, standing, row }) {
    const words = this.words;
    const linked = (text, fact) => (fact === null ? text : html`<a class="evidence" href="/f/${dotted(fact, "fact")}${this.query}" data-fact=${fact}>${text}</a>`);
    return html`<tr data-id=${whom}><th scope="row"><a href="/e/${dotted(whom, "state")}${this.query}"><bdi>${name}</bdi></a></th>
      <td>${linked(row.since, row.fact)}${row.notes.map(([text, fact, sources]) => other(html`${linked(text, fact)}${sources === "" ? nothing : html` <span class="quiet">(<bdi>${sources}</bdi>)</span>`}`))}</td>
      <td><span class="badge ${standing.toLowerCase()}">${icon(ICONS[standing])}${words[standing]}</span>${row.attested === "" ? nothing : html` <span class="attested" title=${words.attested.replace("%(day)s", row.attested)}>${row.attested}</span>`}${this.doubt(row, linked)}</td>
      <td>${linked(html`${icon("page")} ${row.sources}<span class="unseen"> ${counted(words.sources, row.sources)}</span>`, row.fact)}</td></tr>`;
  }
}

customElements.define("record-members", RecordMembers);
