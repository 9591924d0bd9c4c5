"""What axe finds on a page.

Most of its time goes to rows that are alike. In the usual suite it sees the first two and the last
of rows, items, articles, options and marks of a picture that stand side by side and are built
alike: with the same attributes, classes, roles and languages, from parts of the same kinds,
however many of each. In the thorough suite it sees all.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page
from thorough import THOROUGH

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
_RUN = """(root, [options, thorough]) => {
  const shapes = new Map(), repeated = [];
  const thinned = new Set(
    ["ARTICLE", "LI", "OPTION", "TR", "circle", "g", "line", "path", "rect", "use"]);
  const told = new Set(["class", "dir", "lang", "role", "style", "type"]);
  const build = (it) => {
    const attributes = [...it.attributes]
      .map(({ name, value }) => (told.has(name) ? `${name}=${value}` : name)).sort();
    const counts = new Map(), last = it.lastElementChild;
    const children = [...it.children].map((child) => {
      const shape = build(child), count = (counts.get(shape) ?? 0) + 1;
      counts.set(shape, count);
      if (count > 2 && child !== last && thinned.has(child.nodeName)) repeated.push(child);
      return shape;
    });
    const shape = JSON.stringify([it.nodeName, attributes, [...new Set(children)].sort()]);
    if (!shapes.has(shape)) shapes.set(shape, shapes.size);
    return shapes.get(shape);
  };
  if (!thorough) build(root);
  const places = repeated.map((it) => [document.createComment(""), it]);
  for (const [place, it] of places) it.replaceWith(place);
  return axe.run(root, options).then(
    // Only what is told: to write out all that axe returns may take as long as to find it.
    ({ violations }) => violations.map(
      ({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))])
  ).finally(() => {
    for (const [place, it] of places.reverse()) place.replaceWith(it);
  });
}"""

Violation = tuple[str, list[str]]
"""A rule, and the beginnings of the first elements that break it."""


def violations(where: Page | Locator, kind: str = "tag", *values: str) -> list[Violation]:
    """What axe finds in all or a part of a page, which takes scripts of others.

    By rules of tags (`kind` is tag; TAGS if none is given), or by these rules.
    """
    root = where.locator("html") if isinstance(where, Page) else where
    if not root.evaluate("() => 'axe' in window"):
        root.page.evaluate(_AXE.read_text(encoding="utf-8"))  # half of the time of a script's tag
    rules = {"type": kind, "values": values or TAGS}
    options = {"resultTypes": ["violations"], "runOnly": rules}
    return [(rule, nodes) for rule, nodes in root.evaluate(_RUN, [options, THOROUGH])]
