// Rectangles: what holds at a point, by testing it. How an episode comes about is the server's.
export function within(span, at) {
  return span !== null && (span[0] === null || span[0] <= at) && (span[1] === null || at < span[1]);
}

const meets = (span, first, last) =>
  span !== null && (span[0] === null || span[0] <= last) && (span[1] === null || first < span[1]);

// Whether the spans together have every day from the first to the last.
function cover(spans, first, last) {
  let day = first;
  for (let moved = true; moved && day <= last; ) {
    moved = false;
    for (const span of spans) {
      if (within(span, day)) {
        if (span[1] === null) return true;
        day = span[1];
        moved = true;
      }
    }
  }
  return day > last;
}

export class Rectangles {
  constructor(data) {
    Object.assign(this, data);
  }

  // Question → what holds at a point: {whom, standing, row}. Several ask at each tick.
  at(point) {
    if (this.asked !== point) this.answers = this.answer((this.asked = point));
    return this.answers;
  }

  answer({ first, last, k, r }) {
    const by = new Map();
    for (const row of this.rows) {
      if (!within(row.recorded, r) || !within(row.known, k) || !meets(row.possible, first, last)) continue;
      const key = `${row.question} ${row.whom}`;
      const found = by.get(key);
      if (found === undefined) by.set(key, [row]);
      else found.push(row);
    }
    const answers = new Map();
    for (const rows of by.values()) {
      rows.sort((a, b) => a.ordinal - b.ordinal);
      const certain = cover(rows.map((row) => row.certain), first, last);
      const standing = certain ? "CERTAIN" : rows[0].announced ? "ANNOUNCED" : "POSSIBLE";
      const row = certain ? rows.find((each) => meets(each.certain, first, last)) : rows[0];
      const told = { whom: row.whom, standing, row };
      const answer = answers.get(row.question);
      if (answer === undefined) answers.set(row.question, [told]);
      else answer.push(told);
    }
    return answers;
  }

  // What an entity is called and where it is, at a point.
  called(id, { last, k, r }) {
    const found = this.names[id] ?? [];
    return (
      found.find((each) => within(each.valid, last) && within(each.known, k) && within(each.recorded, r)) ??
      found[0] ?? { name: id, iso: null, order: 0 }
    );
  }

  // The days on which something begins or ends in the world, by what is known at a point.
  worldDays({ k, r }) {
    const days = [];
    for (const row of this.rows) {
      if (within(row.recorded, r) && within(row.known, k)) days.push(...ends(row.possible), ...ends(row.certain));
    }
    for (const row of this.reports) {
      if (within(row.recorded, r) && within(row.known, k)) days.push(...row.on.slice(0, 1).filter((day) => day !== null));
    }
    return days;
  }

  // The reports of a day, by what is known at a point.
  reportsOn(day, { k, r }) {
    return this.reports.filter((row) => row.on[0] === day && within(row.recorded, r) && within(row.known, k));
  }

  // The days on which something became known, as of a position.
  knownDays({ r }) {
    return this.all().filter((row) => within(row.recorded, r)).flatMap((row) => ends(row.known));
  }

  positions() {
    return this.all().flatMap((row) => ends(row.recorded));
  }

  all() {
    return [...this.rows, ...this.reports];
  }
}

const ends = (span) => (span === null ? [] : span.filter((end) => end !== null));
