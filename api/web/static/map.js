// <record-map>: follows the clocks, and can be zoomed and moved.
import { standings } from "./counts.js";

const SVG = "http://www.w3.org/2000/svg";
const DEEPEST = 12;

class RecordMap extends HTMLElement {
  connectedCallback() {
    this.svg = this.querySelector("svg");
    this.over = this.querySelector(".over");
    this.whole = this.svg.getAttribute("viewBox").split(" ").map(Number);
    this.box = [...this.whole];
    const zoom = this.querySelector(".zoom");
    zoom.hidden = false;
    zoom.addEventListener("click", (event) => {
      const way = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (way === "all") this.show([...this.whole]);
      else if (way !== undefined) this.zoom(way === "in" ? 0.6 : 1 / 0.6);
    });
    this.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.place(event));
    }, { passive: false });
    this.drag();
    document.addEventListener("asof-change", ({ detail }) => this.change(detail));
  }

  change({ point, rectangles, words }) {
    if (rectangles === null) return; // the server writes it
    if (this.dataset.question === "own") {
      const operators = rectangles.at(point).get("operators") ?? [];
      const best = ["CERTAIN", "POSSIBLE", "ANNOUNCED"].find((standing) => operators.some((each) => each.standing === standing));
      for (const mark of this.over.children) mark.setAttribute("class", `place ${(best ?? "here").toLowerCase()}`);
      return;
    }
    const question = this.dataset.question === "bases" && !rectangles.rows.some((row) => row.question === "bases") ? "operators" : this.dataset.question;
    const told = new Map((rectangles.at(point).get(question) ?? []).map((each) => [each.whom, each]));
    if (this.svg.classList.contains("world")) this.add(told, rectangles, point);
    standings(this.closest(".card"), [...told.values()], words);
    for (const mark of this.over.children) {
      const each = told.get(mark.dataset.id);
      const kind = mark.classList.contains("place") ? "place " : "";
      const name = each === undefined ? `${kind}off` : `${kind}${each.standing.toLowerCase()}${each.row.contested ? " split" : ""}`;
      if (mark.getAttribute("class") !== name) mark.setAttribute("class", name);
      if (each?.row.fact && mark.dataset.fact !== each.row.fact) mark.dataset.fact = each.row.fact;
    }
  }

  // Countries that were not there when the page was written.
  add(told, rectangles, point) {
    const base = this.querySelector("use.land").getAttribute("href").split("#")[0];
    const there = new Set([...this.over.children].map((mark) => mark.dataset.id));
    for (const id of told.keys()) {
      if (there.has(id)) continue;
      const { iso, name } = rectangles.called(id, point);
      if (iso === null) continue;
      const use = document.createElementNS(SVG, "use");
      use.setAttribute("href", `${base}#${iso}`);
      use.dataset.id = id;
      use.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: name }));
      this.over.append(use);
    }
  }

  zoom(by, at = [this.box[0] + this.box[2] / 2, this.box[1] + this.box[3] / 2]) {
    const wide = Math.min(this.whole[2], Math.max(this.whole[2] / DEEPEST, this.box[2] * by));
    const ratio = wide / this.box[2];
    this.show([at[0] - (at[0] - this.box[0]) * ratio, at[1] - (at[1] - this.box[1]) * ratio, wide, this.box[3] * ratio]);
  }

  // Maps that are compared show the same stretch.
  show([x, y, wide, high], leads = true) {
    const [left, top, right, bottom] = this.whole;
    this.box = [Math.min(Math.max(x, left), left + right - wide), Math.min(Math.max(y, top), top + bottom - high), wide, high];
    this.svg.setAttribute("viewBox", this.box.map((each) => each.toFixed(1)).join(" "));
    if (leads) for (const other of this.closest("[data-linked]")?.querySelectorAll("record-map") ?? []) if (other !== this) other.show(this.box, false);
    const shrink = wide / this.whole[2];
    for (const place of this.over.querySelectorAll(".place > .dot, .place > text")) {
      place.setAttribute("transform", `scale(${shrink})`);
    }
  }

  place(event) {
    const frame = this.svg.getBoundingClientRect();
    return [this.box[0] + ((event.clientX - frame.left) / frame.width) * this.box[2], this.box[1] + ((event.clientY - frame.top) / frame.height) * this.box[3]];
  }

  drag() {
    let from = null;
    this.svg.addEventListener("pointerdown", (event) => {
      if (this.box[2] < this.whole[2]) from = [event.clientX, event.clientY, ...this.box];
    });
    addEventListener("pointermove", (event) => {
      if (from === null) return;
      const scale = this.box[2] / this.svg.getBoundingClientRect().width;
      this.show([from[2] - (event.clientX - from[0]) * scale, from[3] - (event.clientY - from[1]) * scale, this.box[2], this.box[3]]);
    });
    addEventListener("pointerup", () => (from = null));
  }
}

customElements.define("record-map", RecordMap);
