// <record-timeline>: shows the bars that stand at the point of the clocks, and where it is.
const bound = (text) => (text === "" ? null : Number(text));
const span = (text) => text.split(",").map(bound);
const within = ([first, until], at) => (first === null || first <= at) && (until === null || at < until);

class RecordTimeline extends HTMLElement {
  connectedCallback() {
    this.marks = [...this.querySelectorAll(".mark")].map((mark) => [mark, span(mark.dataset.known), span(mark.dataset.recorded)]);
    this.now = [...this.querySelectorAll(".now")];
    this.mirrored = document.documentElement.dir === "rtl";
    document.addEventListener("asof-change", ({ detail }) => detail.rectangles === null || this.change(detail.point));
  }

  change({ last, k, r }) {
    for (const [mark, known, recorded] of this.marks) mark.classList.toggle("off", !(within(known, k) && within(recorded, r)));
    const [low, high] = [Number(this.dataset.first), Number(this.dataset.last)];
    const share = ((Math.min(Math.max(last, low), high) - low) / (high - low)) * 100;
    const at = `${this.mirrored ? 100 - share : share}%`;
    for (const line of this.now) {
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    }
  }
}

customElements.define("record-timeline", RecordTimeline);
