// <record-diff>: narrows what changed to one kind of change.
class RecordDiff extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const total = event.target.closest("header .total");
      if (total === null) return;
      const kind = total.getAttribute("aria-pressed") === "true" ? null : total.dataset.change;
      for (const each of this.querySelectorAll("header .total")) each.setAttribute("aria-pressed", String(each.dataset.change === kind));
      for (const row of this.querySelectorAll("tbody tr")) row.hidden = kind !== null && row.dataset.change !== kind;
    });
  }
}

customElements.define("record-diff", RecordDiff);
