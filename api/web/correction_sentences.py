"""What corrections and stories say, in sentences by name: each links to what it speaks of.

No sentence holds an id. What the record can't name any more is told without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from markupsafe import Markup

from api.addresses import PageAddress
from api.export.nodes import Nodes
from api.language.labels import DESCRIPTIONS, RecordLabels
from api.language.words import marked as _
from api.web.foreign_value import bdi
from domain import corrections as c
from domain.dates import MAX_DAY
from domain.definitions import Definition, DefinitionExtended
from domain.entities import EntityRegistered, name_in
from domain.errors import Refused
from domain.facts import Fact
from domain.sources import Entry, SourceRegistered
from domain.stories import StoryTold, StoryWithdrawn
from projections.stories import story_named


class CorrectionWriter:
    """Writes sentences by nodes, with links of a page and in its language."""

    def __init__(self, nodes: Nodes, state: PageAddress, called: RecordLabels) -> None:
        self._nodes = nodes
        self._state = state
        self._called = called
        self.gettext = called.spoken.gettext

    def sentence(self, entry: Entry) -> Markup | None:
        """What an entry says; None of what is no correction, or of nothing that can be named."""
        write = _SENTENCES.get(type(entry))
        if write is None:
            return None
        try:
            return write(self, entry)
        except Refused:
            return None

    def any_event(self, entry: Entry) -> Markup | None:
        """What any entry says: of a fact its title, of what is registered or defined its name."""
        if isinstance(entry, Fact):
            return self.fact(entry.id)
        kind = self._called.event(type(entry).__name__)
        if isinstance(entry, Definition):
            name = entry.definition if isinstance(entry, DefinitionExtended) else entry.id
            return Markup("{}: {}").format(kind, self._definition(name))
        try:
            if isinstance(entry, EntityRegistered):
                return Markup("{}: {}").format(kind, self._entity(entry.id))
            if isinstance(entry, SourceRegistered):
                return Markup("{}: {}").format(kind, self._source(entry.id))
        except Refused:
            return None
        return self.sentence(entry)

    def fact(self, name: str) -> Markup | None:
        """What a fact says, linked; None of one that the record does not have."""
        try:
            return self._fact(name)
        except Refused:
            return None

    # What sentences name

    def _said(self, text: str, **parts: object) -> Markup:
        return Markup(text) % parts

    def _fact(self, name: str, *, dated: bool = True) -> Markup:
        fact = self._nodes.fact(name)
        spoken, _ = self._called.spoken, self.gettext
        names = [bdi(each["entity"]["name"]) for each in fact["subjects"]]
        day = [spoken.span(fact["when"])] if dated else []
        title = Markup("{}: {}").format(
            self._called.event(fact["type"]), Markup(_(", ")).join([*names, *day])
        )
        return self._link(f"/f/{name}", title)

    def _date(self, name: str) -> str:
        return self._called.spoken.span(self._nodes.fact(name)["when"])

    def _source(self, name: str) -> Markup:
        return self._link(f"/s/{name}", bdi(self._nodes.named_source(name)["title"]))

    def _entity(self, name: str) -> Markup:
        found = self._nodes.entities([name])
        return self._link(f"/e/{name}", bdi(found[name]["name"] if name in found else name))

    def _definition(self, name: str) -> Markup:
        address = f"{self._state.link('/vocabulary')}#{name}"
        return Markup('<a href="{}">{}</a>').format(address, bdi(self._called.defined(name)))

    def _entities(self, names: Iterable[str]) -> Markup:
        return Markup(self.gettext(", ")).join(map(self._entity, names))

    def _link(self, path: str, text: Markup) -> Markup:
        return Markup('<a href="{}">{}</a>').format(self._state.link(path), text)

    def _changed(self, changes: Mapping[str, Any], fact_type: str = "") -> Markup:
        """Keys and their new values, as far as people write them."""
        _, spoken = self.gettext, self._called.spoken
        told = []
        for key, value in changes.items():
            label = _("Date") if key == "when" else self._label(key, fact_type)
            if key in ("when", "published") and isinstance(value, str):
                value = spoken.edtf(value)
            elif isinstance(value, str) and (found := self._nodes.entities([value])):
                value = found[value]["name"]
            elif isinstance(value, dict):
                texts = [it if isinstance(it, list | tuple) else [it] for it in value.values()]
                value = _(", ").join(str(each) for several in texts for each in several)
            elif value is None:
                value = _("nothing")
            plain = isinstance(value, str | int | float)
            told.append(Markup("{}: {}").format(label, bdi(value)) if plain else Markup(label))
        return Markup(_(", ")).join(told)

    def _label(self, key: str, fact_type: str) -> str:
        is_one = key in DESCRIPTIONS
        return self.gettext(DESCRIPTIONS[key]) if is_one else self._called.subject(key, fact_type)

    # Sentences

    def corrected(self, entry: c.FactCorrected) -> Markup:
        text = self.gettext("An editor corrected %(fact)s (%(changes)s)")
        fact = self._fact(entry.fact, dated="when" not in entry.changes)
        return self._said(text, fact=fact, changes=self._changed(entry.changes))

    def preferred(self, entry: c.FactPreferred) -> Markup:
        text = self.gettext("An editor preferred %(date)s for %(fact)s, over %(others)s")
        others = self.gettext(", ").join(dict.fromkeys(map(self._date, entry.over)))
        fact = self._fact(entry.fact, dated=False)
        return self._said(text, date=self._date(entry.fact), fact=fact, others=others)

    def no_longer_preferred(self, entry: c.PreferenceWithdrawn) -> Markup:
        return Markup(self.gettext("An editor took a preference back"))

    def of_fact(self, text: str, entry: c.FactCorrection) -> Markup:
        """A sentence that names the fact alone."""
        return self._said(self.gettext(text), fact=self._fact(entry.fact))

    def corroborated(self, entry: c.FactCorroborated) -> Markup:
        text = self.gettext("%(source)s confirms %(fact)s")
        sources = dict.fromkeys(each.source for each in entry.citations)
        named = Markup(self.gettext(", ")).join(map(self._source, sources))
        return self._said(text, source=named, fact=self._fact(entry.fact))

    def attested(self, entry: c.HoldingAttested) -> Markup:
        text = self.gettext("It still held on %(day)s: %(fact)s")
        day = self._called.spoken.edtf(entry.on.text)
        return self._said(text, day=day, fact=self._fact(entry.fact))

    def reassessed(self, entry: c.SourceReassessed) -> Markup:
        text = self.gettext("An editor graded %(source)s %(grade)s")
        grade = f"{entry.reliability or ''}{entry.credibility or ''}"
        return self._said(text, source=self._source(entry.source), grade=grade)

    def source_withdrawn(self, entry: c.SourceWithdrawn) -> Markup:
        text = self.gettext("%(source)s was withdrawn: what it says counts no more")
        return self._said(text, source=self._source(entry.source))

    def source_corrected(self, entry: c.SourceCorrected) -> Markup:
        return self._described(self._source(entry.source), entry.changes)

    def entity_corrected(self, entry: c.EntityCorrected) -> Markup:
        return self._described(self._entity(entry.entity), entry.changes)

    def _described(self, name: Markup, changes: Mapping[str, Any]) -> Markup:
        text = self.gettext("An editor corrected the description of %(name)s (%(changes)s)")
        return self._said(text, name=name, changes=self._changed(changes))

    def renamed(self, entry: c.EntityRenamed) -> Markup:
        text = self.gettext("%(name)s is called %(names)s from %(day)s on")
        names = Markup(self.gettext(", ")).join(map(bdi, (entry.names or {}).values()))
        day = self._called.spoken.edtf(entry.when.text)
        if not names:
            more = {
                key: value for key in ("aliases", "identifiers") if (value := getattr(entry, key))
            }
            return self._described(self._entity(entry.entity), more)
        before = self._nodes.name_on(*day_before(entry))
        name = self._link(f"/e/{entry.entity}", bdi(before or entry.entity))
        return self._said(text, name=name, names=names, day=day)

    def merged(self, entry: c.EntitiesMerged) -> Markup:
        text = self.gettext("These turned out to be one: %(names)s")
        return self._said(text, names=self._entities([*entry.entities, entry.into]))

    def split(self, entry: c.EntitiesSplit) -> Markup:
        text = self.gettext("These turned out to be several: %(names)s")
        return self._said(text, names=self._entities([entry.entity, *entry.into]))

    def story(self, entry: StoryTold) -> Markup:
        return self._said(self.gettext("A story was told: %(title)s"), title=self._title(entry))

    def story_withdrawn(self, entry: StoryWithdrawn) -> Markup:
        told = story_named(self._nodes.connection, entry.story)
        if told is None:
            return Markup(self.gettext("A story was withdrawn"))
        text = self.gettext("A story was withdrawn: %(title)s")
        return self._said(text, title=self._title(told))

    def _title(self, told: StoryTold) -> Markup:
        return self._link(f"/story/{told.id}", bdi(name_in(told.titles, self._state.lang)))


def _about_fact(text: str) -> Callable[[CorrectionWriter, Any], Markup]:
    return lambda writer, entry: writer.of_fact(text, entry)


_SENTENCES: Final[dict[type[Entry], Callable[[CorrectionWriter, Any], Markup]]] = {
    c.FactCorrected: CorrectionWriter.corrected,
    c.FactPreferred: CorrectionWriter.preferred,
    c.PreferenceWithdrawn: CorrectionWriter.no_longer_preferred,
    c.FactCorroborated: CorrectionWriter.corroborated,
    c.HoldingAttested: CorrectionWriter.attested,
    c.FactDisputed: _about_fact(_("This is disputed: %(fact)s")),
    c.DisputeWithdrawn: _about_fact(_("This is no longer disputed: %(fact)s")),
    c.FactRetracted: _about_fact(_("This was taken back: %(fact)s")),
    c.FactReinstated: _about_fact(_("This counts again: %(fact)s")),
    c.AnnouncementCancelled: _about_fact(_("What was announced was called off: %(fact)s")),
    c.SourceReassessed: CorrectionWriter.reassessed,
    c.SourceWithdrawn: CorrectionWriter.source_withdrawn,
    c.SourceCorrected: CorrectionWriter.source_corrected,
    c.EntityCorrected: CorrectionWriter.entity_corrected,
    c.EntityRenamed: CorrectionWriter.renamed,
    c.EntitiesMerged: CorrectionWriter.merged,
    c.EntitiesSplit: CorrectionWriter.split,
    StoryTold: CorrectionWriter.story,
    StoryWithdrawn: CorrectionWriter.story_withdrawn,
}


def day_before(entry: c.EntityRenamed) -> tuple[str, int]:
    """An entity and the last day on which it is called as before."""
    return entry.entity, min(entry.when.latest, MAX_DAY) - 1
