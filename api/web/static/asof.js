// <record-asof>: the clocks of a page, as sliders over the density of changes. It has rectangles, or
// where they are too many, what the server counts of them: then the server writes the page, too.
import { LitElement, html, nothing, render, svg } from "./lit-element.js";
import { Rectangles } from "./held.js";
import { Player } from "./play.js";
import { address, daysOf, here, inWords, isoOf, settle, spanInWords, writeSoon } from "./state.js";

const BUCKETS = 120;
const AROUND = 200; // days on either side
const REST = 250; // milliseconds after which a point is stayed at

class RecordAsof extends LitElement {
  static properties = { near: { state: true }, point: { state: true } };

  createRenderRoot() {
    return this;
  }

  async connectedCallback() {
    const { rectangles, density } = this.dataset;
    if (rectangles === undefined && density === undefined) return;
    this.near = false;
    const data = await got(density === undefined ? rectangles : this.counting());
    if (data === null || data.complete === false) return;
    this.rectangles = density === undefined ? new Rectangles(data) : null;
    this.counted = data.clocks ?? null;
    this.today = data.today;
    this.position = data.position;
    this.words = data.words;
    this.clocks = [...this.querySelectorAll("[data-clock]")].map((fieldset) => this.clock(fieldset));
    this.point = this.read();
    this.player = this.rectangles === null ? null : new Player(this);
    this.querySelector(".submit").hidden = true;
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.typed(event.submitter ?? document.activeElement);
    });
    document.addEventListener("keydown", (event) => this.key(event));
    const sizes = new ResizeObserver((found) => {
      for (const { target, contentRect } of found) this.clocks.find((each) => each.slide === target).wide = contentRect.width;
      this.requestUpdate();
    });
    for (const { slide } of this.clocks) sizes.observe(slide);
    super.connectedCallback();
    this.announce();
  }

  clock(fieldset) {
    const name = fieldset.dataset.clock;
    const field = fieldset.querySelector("input");
    const found = { name, fieldset, field, wide: 0, slide: fieldset.querySelector(".slide"), reading: fieldset.querySelector("[data-read]"), byPosition: name === "atPosition" || name === "recordedAt" };
    field.addEventListener("change", () => this.typed(field));
    found.steps = [...fieldset.querySelectorAll(".step")].map((step) => [step, step.dataset.way === "prev" ? -1 : 1]);
    for (const [step, way] of found.steps) {
      step.addEventListener("click", (event) => {
        event.preventDefault();
        this.step(found, way);
      });
    }
    return found;
  }

  // The point that the server read off the address.
  read() {
    const { first, last, known, position } = this.dataset;
    return { first: Number(first), last: Number(last), k: Number(known), r: Number(position) };
  }

  // Move a clock: `at` is a day or a position, `text` what the field has.
  move(clock, at, text = null) {
    this.player?.stop();
    if (clock.name === "asOf") {
      const days = text === null ? [at, at] : daysOf(text);
      this.point = { ...this.point, first: days[0], last: days[1] };
      writeSoon({ asOf: text ?? isoOf(at) });
      this.chip("valid", spanInWords(text ?? isoOf(at), this.words.months));
    } else if (clock.byPosition) {
      this.point = { ...this.point, r: at };
      writeSoon({ atPosition: String(at), recordedAt: null });
      this.chip("recorded", `#${at}`);
    } else {
      this.point = { ...this.point, k: at };
      writeSoon({ knownAt: text ?? isoOf(at) });
      this.chip("published", spanInWords(text ?? isoOf(at), this.words.months));
    }
    clock.field.value = text ?? (clock.byPosition ? String(at) : isoOf(at));
    clock.field.removeAttribute("aria-invalid");
    clock.field.removeAttribute("aria-describedby");
    const textContent = clock.byPosition ? "" : `= ${spanInWords(clock.field.value, this.words.months)}`;
    const reading = Object.assign(document.createElement("span"), { className: "reading" });
    reading.append(Object.assign(document.createElement("bdi"), { textContent }));
    clock.reading.replaceChildren(reading);
    if (this.counted !== null) this.rest();
    this.announce();
  }

  typed(field) {
    const clock = this.clocks.find((each) => each.field === field);
    if (clock === undefined) return;
    const text = field.value.trim();
    if (clock.byPosition ? /^\d{1,10}$/.test(text) && Number(text) <= this.position : daysOf(text) !== null) {
      this.move(clock, clock.byPosition ? Number(text) : daysOf(text)[1], clock.byPosition ? null : text);
      settle();
    } else {
      this.send(clock, text);
    }
  }

  // What only the server reads, or refuses. What else the address says, the drawer too, stays.
  send(clock, text) {
    const url = address();
    for (const name of clock.byPosition ? ["atPosition", "recordedAt"] : [clock.name]) url.searchParams.delete(name);
    if (text !== "") url.searchParams.set(clock.name, text);
    location.assign(url);
  }

  chip(mark, text) {
    const chip = this.querySelector(`[data-chip="${mark}"] bdi`);
    if (chip !== null) chip.textContent = text;
  }

  announce() {
    document.dispatchEvent(new CustomEvent("asof-change", {
      detail: { point: this.point, rectangles: this.rectangles, words: this.words, playing: this.player?.playing ?? false },
    }));
  }

  // Where the server counts what is along the clocks of the address.
  counting() {
    const url = new URL(this.dataset.density, location.href);
    for (const [name, value] of here()) {
      if (name === "recordedAt") url.searchParams.set("atPosition", this.dataset.position);
      else url.searchParams.set(name, value);
    }
    if (this.near) url.searchParams.set("span", "near");
    return url.href;
  }

  // Have it counted anew: now, for whoever waits, or once the clocks have come to rest.
  async recount() {
    clearTimeout(this.resting);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const data = await got(this.counting());
    if (data !== null && turn === this.turn) [this.counted, this.moved] = [data.clocks, false];
    this.requestUpdate();
  }

  rest() {
    this.moved = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.recount(), REST);
  }

  // The changes along a clock, and where it stands.
  along(clock) {
    if (this.counted !== null) return [[], ...this.standing(clock)];
    if (clock.name === "asOf") {
      const at = `${this.point.k} ${this.point.r}`;
      if (clock.at !== at) [clock.at, clock.changes] = [at, this.rectangles.worldDays(this.point)];
      return [clock.changes, ...this.standing(clock)];
    }
    if (clock.byPosition) return [this.rectangles.positions(), ...this.standing(clock)];
    if (clock.at !== this.point.r) [clock.at, clock.changes] = [this.point.r, this.rectangles.knownDays(this.point)];
    return [clock.changes, ...this.standing(clock)];
  }

  // The last and the first place at which a clock stands.
  standing(clock) {
    if (clock.name === "asOf") return [this.point.last, this.point.first];
    const at = clock.byPosition ? this.point.r : Math.min(this.point.k, this.today);
    return [at, at];
  }

  async step(clock, way) {
    if (this.moved) await this.recount();
    const next = this.next(clock, way);
    if (next !== null && !this.moved) this.move(clock, next);
  }

  // Where the change before or after is, null if there is none.
  next(clock, way) {
    if (this.counted !== null) {
      const { before, after } = this.counted[this.clocks.indexOf(clock)];
      return way > 0 ? after : before;
    }
    const [changes, last, first] = this.along(clock);
    let next = null;
    for (const at of changes) {
      if (way > 0 ? at > last && (next === null || at < next) : at < first && (next === null || at > next)) next = at;
    }
    return next;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const [valid, second] = this.clocks;
    const steps = { "[": [valid, -1], "]": [valid, 1], "{": [second, -1], "}": [second, 1] };
    if (event.key === "p" && this.player !== null) this.play();
    if (event.key === "Escape") this.player?.stop();
    if (event.key in steps) {
      event.preventDefault();
      this.step(...steps[event.key]);
    }
  }

  play() {
    this.player.toggle();
    this.requestUpdate();
  }

  bounds(clock) {
    if (this.counted !== null) {
      const { low, high } = this.counted[this.clocks.indexOf(clock)];
      return [low, high];
    }
    if (clock.byPosition) return [0, this.position];
    const [changes, at] = this.along(clock);
    if (this.near) return [at - AROUND, at + AROUND];
    const kept = (clock.bounds ??= [0, 0]);
    if (kept[0] === kept[1]) {
      const days = [...changes, at, this.today].sort((a, b) => a - b);
      clock.bounds = [days[0] - 60, days[days.length - 1] + 60];
    }
    return clock.bounds;
  }

  willUpdate(changed) {
    if (!changed.has("near")) return;
    this.window = null;
    if (this.counted !== null && changed.get("near") !== undefined) this.recount();
  }

  updated() {
    for (const clock of this.clocks) {
      render(this.slider(clock), clock.slide);
      for (const [step, way] of clock.steps) this.aim(clock, step, this.next(clock, way));
    }
    render(this.spans(), this.querySelector(".span"));
    if (this.player !== null) render(this.player.button(), this.querySelector("[data-play]"));
  }

  // The address of a step, or none.
  aim(clock, step, next) {
    if (next === null) {
      step.setAttribute("aria-disabled", "true");
      step.role = "link";
      step.tabIndex = 0; // who stepped here keeps the focus
      step.removeAttribute("href");
      return;
    }
    for (const name of ["aria-disabled", "role", "tabindex"]) step.removeAttribute(name);
    const url = address();
    url.searchParams.set(clock.name, clock.byPosition ? next : isoOf(next));
    step.href = `${url.pathname}${url.search}`;
  }

  render() {
    return nothing;
  }

  spans() {
    const button = (near, text) =>
      html`<button type="button" aria-pressed=${String(this.near === near)} @click=${() => (this.near = near)}>${text}</button>`;
    return html`<span class="toggle">${button(false, this.words.all)}${button(true, this.words.near)}</span>`;
  }

  slider(clock) {
    const [changes, at] = this.along(clock);
    if (this.near) this.window ??= new Map();
    const [low, high] = this.near && !clock.byPosition && this.counted === null
      ? this.window.get(clock) ?? (this.window.set(clock, this.bounds(clock)), this.window.get(clock))
      : this.bounds(clock);
    const label = clock.field.getAttribute("aria-label");
    const counts = this.counted === null ? counted(changes, low, high) : this.counted[this.clocks.indexOf(clock)].counts;
    return html`${density(counts)}
      <input type="range" min=${low} max=${high} step="1" .value=${String(at)} aria-label=${label}
        aria-valuetext=${clock.byPosition ? `#${at}` : inWords(at, this.words.months)}
        @input=${(event) => this.move(clock, Number(event.target.value))}>
      ${clock.byPosition ? nothing : axis(low, high, this.words.months, clock.wide)}`;
  }
}

const mirrored = document.documentElement.dir === "rtl";

async function got(address) {
  const response = await fetch(address);
  return response.ok ? response.json() : null;
}

function counted(changes, low, high) {
  const counts = new Array(BUCKETS).fill(0);
  for (const at of changes) {
    if (at >= low && at <= high) counts[Math.min(BUCKETS - 1, Math.floor(((at - low) / (high - low || 1)) * BUCKETS))] += 1;
  }
  return counts;
}

function density(counts) {
  const most = Math.log1p(Math.max(1, ...counts));
  return html`<svg class="density" aria-hidden="true" viewBox="0 0 ${BUCKETS} 20" preserveAspectRatio="none">${counts.map((count, bucket) => {
    if (count === 0) return nothing;
    const high = 3 + (Math.log1p(count) / most) * 17;
    return svg`<rect x=${(mirrored ? BUCKETS - 1 - bucket : bucket) + 0.15} width="0.7" y=${20 - high} height=${high} />`;
  })}</svg>`;
}

// Years, or months with their year, as many as have room: of the steps that fit, the smallest.
const STEPS = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 60000];
const LETTER = 6.4; // about how wide one of a label is, in pixels

function axis(low, high, months, wide) {
  const place = (day) => {
    const share = (day - low) / (high - low || 1);
    return (mirrored ? 1 - share : share) * wide;
  };
  const date = (day) => new Date(day * 86_400_000);
  const last = date(high);
  const fitting = (step) => {
    const ticks = [];
    const first = date(low);
    let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + 1) / step) * step;
    for (; month <= last.getUTCFullYear() * 12 + last.getUTCMonth(); month += step) {
      const [year, of] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
      const text = step < 12 ? `${months[of]} ${year}` : String(year);
      const [at, half] = [place(new Date(0).setUTCFullYear(year, of, 1) / 86_400_000), (text.length * LETTER) / 2];
      if (at < half || at > wide - half) continue;
      const before = ticks.at(-1);
      if (before !== undefined && Math.abs(at - before.at) < half + before.half + 8) return null;
      ticks.push({ at, half, text });
    }
    return ticks;
  };
  const most = Math.max(1, (high - low) / 30 / 40); // more than 40 ticks never fit
  const ticks = STEPS.filter((step) => step >= most).map(fitting).find((each) => each !== null) ?? [];
  return html`<svg class="axis" aria-hidden="true" width="100%" height="16">${ticks.map(({ at, text }) =>
    svg`<text x=${at.toFixed(1)} y="12" text-anchor="middle">${text}</text>`)}</svg>`;
}

customElements.define("record-asof", RecordAsof);
