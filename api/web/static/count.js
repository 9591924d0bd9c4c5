// <record-count>: the count over time. The chosen day is a line, and dragging it moves the clock.
const LEFT = 8;
const WIDTH = 1000;
const mirrored = document.documentElement.dir === "rtl";

class RecordCount extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerdown", (event) => this.drag(event));
    document.addEventListener("asof-change", ({ detail }) => this.line(detail.point.last));
  }

  get svg() {
    return this.querySelector("svg");
  }

  get span() {
    return [Number(this.svg.dataset.first), Number(this.svg.dataset.last)];
  }

  drag(event) {
    if (event.button !== 0 || event.target.closest("[data-fact]") !== null) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    const move = (at) => this.move(this.day(at));
    const drop = (at) => {
      this.removeEventListener("pointermove", move);
      this.removeEventListener("pointerup", drop);
      this.move(this.day(at), true);
    };
    this.addEventListener("pointermove", move);
    this.addEventListener("pointerup", drop);
    move(event);
  }

  day(event) {
    const box = this.svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - 2 * LEFT);
    const [first, last] = this.span;
    return Math.round(first + Math.min(1, Math.max(0, mirrored ? 1 - share : share)) * (last - first));
  }

  // By the page's slider; a page without one is fetched for the day once the line is let go.
  move(day, dropped = false) {
    this.line(day);
    const bar = document.querySelector("record-asof");
    if (bar?.clocks !== undefined) return bar.move(bar.clocks[0], day);
    if (!dropped) return;
    const url = new URL(location.href);
    url.searchParams.set("asOf", new Date(day * 86_400_000).toISOString().slice(0, 10));
    location.href = url.href;
  }

  line(day) {
    const [first, last] = this.span;
    const share = (Math.min(last, Math.max(first, day)) - first) / (last - first);
    const x = LEFT + (mirrored ? 1 - share : share) * (WIDTH - 2 * LEFT);
    this.querySelector("path.now").setAttribute("d", `M${x} 8V212`);
    this.querySelector("circle.now").setAttribute("cx", x);
  }
}

customElements.define("record-count", RecordCount);
