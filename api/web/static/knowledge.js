// <record-knowledge>: the map of what was known, and when. The cross-hair moves both clocks.
const [LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT] = [118, 596, 8, 300, 604, 344];
const mirrored = document.documentElement.dir === "rtl";
const iso = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const between = (share, low, high) => Math.round(low + Math.min(1, Math.max(0, share)) * (high - low));

class RecordKnowledge extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerdown", (event) => this.drag(event));
  }

  drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    const move = (at) => this.aim(at);
    const drop = (at) => {
      this.removeEventListener("pointermove", move);
      this.removeEventListener("pointerup", drop);
      this.go(...this.aim(at));
    };
    this.addEventListener("pointermove", move);
    this.addEventListener("pointerup", drop);
    move(event);
  }

  // The day and the day of publication at the pointer, to which the lines go.
  aim(event) {
    const svg = this.querySelector("svg");
    const box = svg.getBoundingClientRect();
    const x = Math.min(RIGHT, Math.max(LEFT, ((event.clientX - box.left) / box.width) * WIDTH));
    const y = Math.min(BOTTOM, Math.max(TOP, ((event.clientY - box.top) / box.height) * HEIGHT));
    this.querySelector(".at-day").setAttribute("d", `M${x} ${TOP}V${BOTTOM}`);
    this.querySelector(".at-known").setAttribute("d", `M${LEFT} ${y}H${RIGHT}`);
    const share = (x - LEFT) / (RIGHT - LEFT);
    return [
      between(mirrored ? 1 - share : share, ...svg.dataset.days.split(" ").map(Number)),
      between((BOTTOM - y) / (BOTTOM - TOP), ...svg.dataset.knownDays.split(" ").map(Number)),
    ];
  }

  // By the page's sliders where it has those of both clocks, else by the address.
  go(day, known) {
    const bar = document.querySelector("record-asof");
    if (bar?.clocks?.[1]?.name === "knownAt") {
      bar.move(bar.clocks[0], day);
      bar.move(bar.clocks[1], known);
      return;
    }
    const url = new URL(location.href);
    url.searchParams.set("asOf", iso(day));
    url.searchParams.set("knownAt", iso(known));
    location.href = url.href;
  }
}

customElements.define("record-knowledge", RecordKnowledge);
