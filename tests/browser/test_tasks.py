"""What readers come to do, each from the home page in at most the actions that it may take.

An action is a click, a key or keys of a kind, or a field filled, the Enter that ends it included.
Every task is done in English and Arabic, on a desk and on a phone, by mouse and by keyboard alone:
by two readers in the usual suite, who differ in all three, by all eight in the thorough one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from conftest import serving
from playwright.sync_api import Browser, Locator, Page, expect
from thorough import THOROUGH

from api.files import sample_documents
from api.instance import Instance
from api.language.words import words
from domain.codec import read
from domain.roles import Role
from store import documents
from store.capture import captured
from store.database import WRITER
from store.keys import add_key

# A reader who goes on before an answer has come breaks it off, graphql-core's coroutines with it.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
STEP_BEFORE = """(wanted) => {
  const places = "a[href], button, input, select, textarea, summary, [tabindex]";
  const stops = [...document.querySelectorAll(places)].filter(
    (it) => it.tabIndex >= 0 && !it.disabled && it.checkVisibility({ visibilityProperty: true })
  );
  const at = stops.indexOf(wanted);
  if (stops.some((it) => it.tabIndex > 0) || at < 0) return false;
  if (at > 0) stops[at - 1].focus();
  return true;
}"""
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
JOINED = "/f/syria-joins-2025-11-10"
ACCORD = [
    {"type": "EntityRegistered", "id": "accord", "kind": "COALITION",
     "names": {"en": "Accord of the Coast", "ar": "ميثاق الساحل"}},
    {"type": "MemberJoined", "id": "accord-egypt", "coalition": "accord", "member": "egypt",
     "when": "2013-05", "citations": [{"source": "general-knowledge"}]},
]  # fmt: skip
"""A second coalition: the sample record has one alone."""
TEXTS = {
    "joined": {"en": "syria joined", "ar": "انضمت سوريا"},
    "panama joined": {"en": "panama joined", "ar": "انضمت بنما"},
    "offices": {"en": "Offices held", "ar": "المناصب"},
    "minister": {"en": "Asaad al-Shaibani", "ar": "أسعد الشيباني"},
    "10 Nov 2025": {"en": "10 Nov 2025", "ar": "10 تشرين الثاني 2025"},
    "3 Nov 2025": {"en": "3 Nov 2025", "ar": "3 تشرين الثاني 2025"},
    "1 Dec 2025": {"en": "1 Dec 2025", "ar": "1 كانون الأول 2025"},
    "9 Feb 2026": {"en": "9 Feb 2026", "ar": "9 شباط 2026"},
    "1 Jan 2015": {"en": "1 Jan 2015", "ar": "1 كانون الثاني 2015"},
    "15 Oct 2014": {"en": "15 Oct 2014", "ar": "15 تشرين الأول 2014"},
}


class Reader:
    """Someone at the home page, whose actions are counted."""

    def __init__(self, page: Page, lang: str, *, by_keyboard: bool) -> None:
        self.page = page
        self.lang = lang
        self.by_keyboard = by_keyboard
        self.actions = 0

    def at_home(self) -> None:
        """Begin anew."""
        self.page.goto(f"/?lang={self.lang}")
        self.actions = 0

    def says(self, text: str) -> str:
        """A word of the page in the reader's language."""
        return words(self.lang).gettext(text)

    def follow(self, place: Locator) -> None:
        """Click, or come by Tab and press Enter."""
        self.actions += 1
        if self.by_keyboard:
            self._reach(place)
            self.page.keyboard.press("Enter")
        else:
            place.first.click()

    def fill(self, field: Locator, text: str) -> None:
        """Write a text, or one of TEXTS in the reader's language, and end with Enter."""
        self.actions += 1
        if self.by_keyboard:
            self._reach(field)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(TEXTS.get(text, {self.lang: text})[self.lang])
        else:
            field.first.fill(TEXTS.get(text, {self.lang: text})[self.lang])
        field.first.press("Enter")

    def type(self, field: Locator, text: str) -> None:
        """Write a text, without Enter."""
        self.actions += 1
        if self.by_keyboard:
            self._reach(field)
            self.page.keyboard.insert_text(text)
        else:
            field.fill(text)

    def choose(self, field: Locator, value: str) -> None:
        """Choose one of several, by keys of a kind or from what a click opens."""
        self.actions += 1
        if self.by_keyboard:
            self._reach(field)
            self.page.keyboard.press("End")
        else:
            field.select_option(value)
        expect(field).to_have_value(value)

    def fill_clock(self, name: str, text: str) -> None:
        """Write into a clock of the bar, once it can be moved, until the page has followed."""
        self.page.locator(".slide input").first.wait_for()
        self.fill(self.page.locator(f".asof input[name={name}]"), text)
        self.page.wait_for_url(lambda address: f"{name}=" in address)
        self.page.locator(".slide input").first.wait_for()

    def did_it_in(self, most: int) -> None:
        assert 0 < self.actions <= most

    def _reach(self, place: Locator) -> None:
        """Tab to a place from the stop before it: tabbing there from afar takes seconds."""
        assert place.first.evaluate(STEP_BEFORE), f"{place} is no stop of the Tab key"
        self.page.keyboard.press("Tab")
        assert place.first.evaluate("(it) => it === document.activeElement"), place


class Hands(NamedTuple):
    """How somebody reads."""

    lang: str
    size: dict[str, int]
    by_keyboard: bool


HANDS = {
    f"{language} on a {place}, by {how}": Hands(lang, size, by_keyboard=how == "keyboard")
    for language, lang in (("English", "en"), ("Arabic", "ar"))
    for place, size in (("desk", WIDE), ("phone", PHONE))
    for how in ("mouse", "keyboard")
}
"""What a mouse does on a phone a finger does."""
PAIRS = (
    ("English on a desk, by mouse", "Arabic on a phone, by keyboard"),
    ("Arabic on a desk, by keyboard", "English on a phone, by mouse"),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The hands of a task: of the usual suite those of one pair, by the task's number."""
    if "everyday" in metafunc.fixturenames:
        number = re.search(r"\d+", metafunc.function.__name__)
        names = [*HANDS] if THOROUGH else PAIRS[int(number[0]) % 2 if number else 0]
        hands = [HANDS[name] for name in names]
        metafunc.parametrize("everyday", hands, ids=names, indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Actions are counted here and seconds are not: a busy machine is waited for."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def address(sampled: Instance) -> Iterator[str]:
    """A server of the sample record, with the documents that come with it and another coalition."""
    sampled.record.apply([read(each) for each in ACCORD], actor="someone")
    with sampled.database.connect(WRITER) as connection:
        for content in sample_documents():
            kept = captured(content, "text/plain", None)
            documents.keep(connection, kept, captured_by="someone", shown=True)
    sampled.catch_up()
    with serving(sampled) as served:
        yield served


@pytest.fixture(scope="module")
def everyday(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Reader]:
    """One window for all tasks of the same hands; its scripts must not fail."""
    hands: Hands = request.param
    context = browser.new_context(
        base_url=address,
        viewport=hands.size,  # type: ignore[arg-type]
        locale=hands.lang,
        permissions=["clipboard-read", "clipboard-write"],
    )
    wrong: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield Reader(page, hands.lang, by_keyboard=hands.by_keyboard)
    context.close()
    assert wrong == []


@pytest.fixture
def reader(everyday: Reader) -> Reader:
    everyday.at_home()
    return everyday


def _sign_in(reader: Reader, instance: Instance) -> None:
    """Before the task, which is counted from the home page."""
    with instance.database.connect() as owner:
        key = add_key(owner, "Amal", Role.REVIEWER)[1]
    reader.page.goto(f"/edit?lang={reader.lang}")
    reader.page.locator("#key").fill(key)
    reader.page.locator("main button.primary").click()
    reader.at_home()


def _card(page: Page, title: str) -> Locator:
    return page.locator(".rest section.card").filter(
        has=page.get_by_role("heading", name=title, exact=True)
    )


def _of_coalition(page: Page, path: str, having: str = "lang=") -> Locator:
    return page.locator(f'.questions a[href^="{path}?"][href*="{having}"]')


def _to_coalition(reader: Reader) -> None:
    reader.follow(reader.page.locator('section.card h2 a[href^="/e/global-coalition"]'))


def test_1_was_syria_a_member_and_who_says_so_by_search(reader: Reader) -> None:
    page = reader.page
    reader.fill(page.locator("#search"), "joined")
    reader.follow(page.locator(f'main .live-found a[href^="{JOINED}?"]'))

    drawer = page.locator("record-evidence")
    expect(drawer.locator(".state")).to_contain_text(reader.says("Counts"))
    expect(drawer.locator("dl.three")).to_contain_text(TEXTS["10 Nov 2025"][reader.lang])
    assert drawer.locator("article.source .title").count() > 2
    reader.did_it_in(3)


def test_1_and_2_was_syria_a_member_by_browsing_and_what_was_known_a_week_before(
    reader: Reader,
) -> None:
    page = reader.page
    _to_coalition(reader)
    reader.fill_clock("asOf", "10 Nov 2025")
    row = page.locator("record-members tr[data-id=syria]")
    expect(row).to_contain_text(reader.says("Certain"))
    reader.follow(row.locator("a.evidence"))
    drawer = page.locator("record-evidence")
    expect(drawer.locator("article.source .title").nth(2)).to_be_visible()
    reader.did_it_in(5)

    before = reader.actions
    reader.fill_clock("knownAt", "3 Nov 2025")
    expect(row).to_contain_text(reader.says("Announced"))
    expect(drawer.locator(".state")).to_contain_text(reader.says("Not known yet"))
    assert reader.actions == before + 1


def test_3_how_many_members_there_were_and_why_counts_differ(reader: Reader) -> None:
    page = reader.page
    _to_coalition(reader)
    reader.fill_clock("asOf", "15 Oct 2014")
    expect(page.locator("#list h2")).to_contain_text("64")
    expect(page.locator("#list .gap").first).to_contain_text("62")
    reader.follow(page.locator("#list .gaps summary"))
    reader.follow(page.locator('#list .gap a[href^="/s/digest-counts-en"]'))

    expect(page.locator(".document")).to_contain_text("the numbers are of different things")
    expect(page.locator(".document mark").first).to_be_visible()
    reader.did_it_in(4)


def test_4_what_changed_between_two_days_of_knowledge_and_why(reader: Reader) -> None:
    page = reader.page
    reader.follow(_of_coalition(page, "/e/global-coalition/changes"))
    reader.fill(page.locator(".points input[name=fromKnownAt]"), "3 Nov 2025")
    page.wait_for_url("**fromKnownAt=*")
    reader.fill(page.locator(".points input[name=knownAt]"), "1 Dec 2025")
    page.wait_for_url("**&knownAt=*")

    row = page.locator(".diff tr[data-change=CHANGED]", has_text=reader.says("Announced"))
    expect(row.locator(".cause.learned").first).to_be_visible()
    expect(row.locator('a[href^="/e/syria?"]').first).to_be_visible()
    reader.did_it_in(4)


def test_5_which_bases_there_were_in_syria_in_2017_on_the_map(reader: Reader) -> None:
    page = reader.page
    reader.follow(_of_coalition(page, "/map", "entity=global-coalition"))
    reader.fill_clock("asOf", "2017")

    for base in ("al-tanf", "al-shaddadi"):
        place = page.locator(f".region .place[data-id={base}]")
        expect(place.locator(".dot")).to_be_visible()
        expect(place).to_have_class(re.compile("certain"))
    expect(page.locator(".region .country").first).to_be_visible()
    reader.did_it_in(5)


def test_6_the_passage_that_an_answer_rests_on(reader: Reader) -> None:
    page = reader.page
    reader.fill(page.locator("#search"), "joined")
    reader.follow(page.locator(f'main .live-found a[href^="{JOINED}?"]'))
    source = page.locator(
        f"record-evidence article.source:has(a[href^='/s/digest-syria-{reader.lang}'])"
    )
    shown = source.locator("blockquote.passage")
    said = shown.locator("mark").inner_text()
    assert len(shown.inner_text()) > 2 * len(said)
    reader.follow(source.locator("a.to-passage"))

    mark = page.locator(".document mark", has=page.locator("#in-syria-joins-2025-11-10"))
    expect(mark).to_have_text(said)
    expect(mark).to_be_in_viewport()
    reader.follow(mark.locator("a"))
    expect(page.locator("record-evidence blockquote.passage mark").first).to_be_visible()
    assert page.url.partition("?")[0].endswith(f"/s/digest-syria-{reader.lang}")
    reader.did_it_in(5)


def test_7_it_is_cited_linked_taken_as_a_file_and_a_picture_and_embedded(reader: Reader) -> None:
    page = reader.page
    _to_coalition(reader)
    page.locator(".slide input").first.wait_for()

    def panel(label: str) -> Locator:
        reader.actions = 0
        opened = page.locator("details.take").filter(
            has=page.locator("summary", has_text=reader.says(label))
        )
        reader.follow(opened.locator("summary"))
        return opened

    expect(panel("Cite").locator("#bibtex")).to_have_value(re.compile("global-coalition"))
    reader.did_it_in(2)
    for name in ("csv", "png"):
        file = panel("Export").locator(f'a[download][href*=".{name}"]')
        with page.expect_download() as download:
            reader.follow(file)
        assert name in download.value.suggested_filename
        reader.did_it_in(2)
        page.keyboard.press("Escape")
    reader.follow(panel("Embed").locator("[data-clip=element]"))
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('sijill-')")
    reader.did_it_in(2)
    page.keyboard.press("Escape")
    reader.actions = 0
    reader.follow(page.locator("[data-copy]"))
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('atPos')")
    reader.did_it_in(2)


def test_8_a_date_is_corrected_with_a_preview_and_that_undone(
    reader: Reader, sampled: Instance
) -> None:
    """By a reviewer who has signed in, which lasts for twelve hours."""
    page = reader.page
    _sign_in(reader, sampled)
    reader.fill(page.locator("#search"), "panama joined")
    reader.follow(page.locator('main .live-found a[href^="/f/panama-joins?"]'))
    reader.follow(page.locator('record-evidence a[href^="/edit/fact/panama-joins"]'))
    reader.follow(page.locator('.acts a[href^="/edit/correct/panama-joins"]'))
    reader.type(page.locator("#reason"), "A slip in copying.")
    reader.choose(page.locator("#basis"), "EDITORIAL")
    reader.fill(page.locator('[id="changes.when"]'), "15 Oct 2014")
    row = page.locator(".preview tbody tr")
    expect(row.locator(".side.added")).to_contain_text(TEXTS["15 Oct 2014"][reader.lang])
    reader.follow(page.locator("form footer button[value=send]"))
    page.wait_for_url("**/edit/recorded?**")
    reader.did_it_in(8)

    reader.actions = 0
    reader.follow(page.locator('main a[href^="/edit/undo/"]'))
    expect(row.locator(".side.removed")).to_contain_text(TEXTS["15 Oct 2014"][reader.lang])
    reader.follow(page.locator("form footer button[value=send]"))
    page.wait_for_url("**/edit/recorded?**")
    page.goto("/f/panama-joins")
    expect(page.locator("main dl.three")).not_to_contain_text(TEXTS["15 Oct 2014"][reader.lang])
    reader.did_it_in(3)
    page.context.clear_cookies()


def test_10_what_is_in_this_record(reader: Reader) -> None:
    page = reader.page
    countries = page.locator('.facets li:has(a[href*="kind=COUNTRY"])')
    number = countries.locator(".quiet").inner_text()
    reader.follow(countries.locator("a"))
    expect(page.locator(".heading .meta")).to_contain_text(number)
    reader.did_it_in(2)

    reader.at_home()
    reader.follow(page.locator('main h2 a[href^="/browse"]'))
    reader.follow(page.locator('.facets a[href*="publisher=Rudaw"]'))
    names = page.locator(f'tbody td[data-label="{reader.says("Publisher")}"]')
    expect(names.first).to_have_text("Rudaw")
    assert set(names.all_text_contents()) == {"Rudaw"}
    reader.did_it_in(2)

    reader.at_home()
    contested = page.locator('.facets li:has(a[href*="only=contested"])')
    number = contested.locator(".quiet").inner_text()
    reader.follow(contested.locator("a"))
    expect(page.locator(".heading .meta")).to_contain_text(number)
    reader.did_it_in(2)


def test_11_a_person_today_and_on_a_day(reader: Reader) -> None:
    page = reader.page
    reader.fill(page.locator("#search"), "minister")
    reader.follow(page.locator('main .live-found a[href^="/e/asaad-al-shaibani"]'))
    offices = _card(page, TEXTS["offices"][reader.lang])
    expect(offices).to_be_visible()
    for title in ("Statements", "Visits"):
        expect(_card(page, reader.says(title))).to_be_visible()
    reader.fill_clock("asOf", "9 Feb 2026")

    expect(offices.locator("tbody tr")).to_contain_text(reader.says("Certain"))
    expect(_card(page, reader.says("Visits"))).to_contain_text(TEXTS["9 Feb 2026"][reader.lang])
    reader.did_it_in(3)


def test_12_two_coalitions_side_by_side_on_one_day(reader: Reader) -> None:
    page = reader.page
    _to_coalition(reader)
    reader.follow(page.locator('.heading .actions a[href^="/compare"]'))
    reader.follow(page.locator('#others a[href*="right=accord"]'))
    expect(page.locator("h1")).to_contain_text(ACCORD[0]["names"][reader.lang])  # type: ignore[index]
    reader.fill(page.locator("#sides [name=asOf]"), "1 Jan 2015")
    page.wait_for_url("**asOf=*")

    expect(page.locator("#both tr[data-id=egypt]")).to_contain_text("2013")
    expect(page.locator(".pair h2")).to_have_count(2)
    expect(page.locator(".pair h2").last).to_contain_text(TEXTS["1 Jan 2015"][reader.lang])
    reader.did_it_in(4)


def test_13_when_it_had_most_members_and_the_picture_of_it(reader: Reader) -> None:
    page = reader.page
    reader.follow(_of_coalition(page, "/e/global-coalition/members"))
    peak = page.locator(".peak")
    expect(peak).to_contain_text("86")
    expect(peak).to_contain_text(TEXTS["10 Nov 2025"][reader.lang])
    reader.follow(page.locator('#count header a[href*="/members/count.svg"]'))

    page.wait_for_url("**/count.svg*")
    assert page.evaluate("document.contentType") == "image/svg+xml"
    reader.did_it_in(2)


def test_15_a_story_to_its_end_and_then_on_with_the_clocks(reader: Reader) -> None:
    page = reader.page
    reader.follow(page.locator('#stories a[href^="/story/the-week-syria-joined"]'))
    views = page.locator(".telling .dots a")
    expect(views).to_have_count(6)
    for number in range(2, 7):
        reader.follow(page.locator(".telling a[rel=next]"))
        expect(views.nth(number - 1)).to_have_attribute("aria-current", "step")
    expect(page.locator(".telling a[rel=next]")).to_have_count(0)
    reader.fill_clock("asOf", "10 Nov 2025")

    expect(page.locator("[data-chip=valid]")).to_contain_text(TEXTS["10 Nov 2025"][reader.lang])
    expect(page.locator(".telling .back a")).to_be_visible()
    reader.did_it_in(9)
