// Counts of what holds at a point: a range where some of it is only possible.
const plural = new Intl.PluralRules(document.documentElement.lang);
export const counted = (forms, number) => (forms[plural.select(number)] ?? forms.other).replace("%(num)s", number);

// Where a card says them: they stay, and are not looked for among its rows at each tick.
const places = new WeakMap();
const within = (card) => ["standing", "range", "count"].map((name) => [...card.querySelectorAll(`[data-${name}]`)]);

// Write a card's counts: how many of each standing, the range, and the range with its noun.
export function standings(card, rows, words) {
  const of = (test) => rows.reduce((count, each) => count + (test(each) ? 1 : 0), 0);
  if (!places.has(card)) places.set(card, within(card));
  const [marks, ranges, counts] = places.get(card);
  for (const place of marks) {
    const { standing } = place.dataset;
    place.textContent = of((each) => (standing === "CONTESTED" ? each.row.contested : each.standing === standing));
  }
  const least = of((each) => each.standing === "CERTAIN");
  const most = least + of((each) => each.standing === "POSSIBLE");
  const range = (text) => text.replace("%(least)s", least).replace("%(most)s", most);
  for (const place of ranges) place.textContent = least === most ? least : range(words.range);
  for (const place of counts) place.textContent = least === most ? counted(words.members, most) : range(counted(words.memberRange, most));
}
