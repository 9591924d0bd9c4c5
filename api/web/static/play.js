// Play: the clock of the world goes from change to change, each with a caption of what it changed.
// It reads the rectangles that the page has, as the slider does; what the server writes follows once
// it rests. Who wants less motion takes a step for each press.
import { counted } from "./counts.js";
import { html } from "./lit-element.js";
import { inWords } from "./state.js";

const PACE = 1500; // milliseconds for a caption
const MOST = 3; // changes of a caption
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  constructor(asof) {
    this.asof = asof;
    this.playing = false;
    this.caption = asof.querySelector("[data-caption]");
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  get label() {
    const { words } = this.asof;
    return this.playing ? words.pause : calm.matches ? words.step : words.play;
  }

  button() {
    const shape = this.playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l9 6-9 6z";
    return html`<button type="button" class="play" aria-pressed=${String(this.playing)} aria-label=${this.label} title=${this.label}
      @click=${() => this.asof.play()}><svg class="icon turns" viewBox="0 0 16 16" aria-hidden="true"><path d=${shape} fill="currentColor" /></svg></button>`;
  }

  toggle() {
    if (this.playing) return this.stop();
    if (calm.matches) return this.step();
    this.playing = true;
    this.tick();
  }

  tick() {
    if (this.step()) this.timer = setTimeout(() => this.tick(), PACE);
    else this.stop();
  }

  // To the next change, from the last one to the first: whether there are further ones.
  step() {
    const { asof } = this;
    const [clock] = asof.clocks;
    const before = asof.rectangles.at(asof.point);
    const to = asof.next(clock, 1) ?? Math.min(...asof.along(clock)[0]);
    if (!Number.isFinite(to)) return false;
    this.moving = true;
    asof.move(clock, to);
    this.moving = false;
    this.caption.hidden = false;
    this.caption.setAttribute("aria-live", this.playing ? "off" : "polite");
    this.caption.textContent = `${inWords(to, asof.words.months)}: ${this.told(to, before).join("; ")}`;
    return asof.next(clock, 1) !== null;
  }

  // What a day changed, each in the words of the event.
  told(day, before) {
    const { point, rectangles, words } = this.asof;
    const name = (id) => rectangles.called(id, point).name;
    const had = keyed(before);
    const has = keyed(rectangles.at(point));
    const found = [];
    for (const [key, { whom, standing, row }] of has) {
      if (had.get(key)?.standing !== standing) found.push(`${row.began}: ${name(whom)} (${words[standing]})`);
    }
    for (const [key, { whom, row }] of had) {
      if (!has.has(key)) found.push(`${row.ended ?? words.ended}: ${name(whom)}`);
    }
    for (const report of rectangles.reportsOn(day, point)) found.push(report.event);
    const rest = found.length - MOST;
    return rest > 0 ? [...found.slice(0, MOST), counted(words.more, rest)] : found;
  }

  // Whoever moves a clock by hand has it.
  stop() {
    if (!this.playing || this.moving) return;
    clearTimeout(this.timer);
    this.playing = false;
    this.asof.announce();
    this.asof.requestUpdate();
  }
}

function keyed(answers) {
  return new Map([...answers].flatMap(([question, rows]) => rows.map((each) => [`${question} ${each.whom}`, each])));
}
