"""Who may read and frame pinned answers is a setting, and an embedded page is refused in words."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from conftest import browsing

from api.instance import Instance
from api.settings import Settings
from domain.errors import Refused

PATH = "/embed/e/global-coalition/members?asOf=2025-11-10&atPosition=500"
FILE = "/e/global-coalition/members.json?asOf=2025-11-10&atPosition=500"
NEWS = "https://news.example"


@pytest.mark.parametrize(
    ("setting", "origin", "allowed", "framing"),
    [
        ("*", NEWS, "*", "frame-ancestors 'self' *"),
        (NEWS, NEWS, NEWS, f"frame-ancestors 'self' {NEWS}"),
        (f"{NEWS} https://b.example:8443", "https://b.example:8443", "https://b.example:8443",
         f"frame-ancestors 'self' {NEWS} https://b.example:8443"),
        (NEWS, "https://evil.example", None, f"frame-ancestors 'self' {NEWS}"),
        ("", NEWS, None, "frame-ancestors 'none'"),
    ],
)  # fmt: skip
def test_the_setting_says_who(
    sampled: Instance, setting: str, origin: str, allowed: str | None, framing: str
) -> None:
    chosen = Settings.read({"SIJILL_EMBED": setting}).embed
    instance = Instance(replace(sampled.settings, embed=chosen), sampled.database, sampled.record)
    with browsing(instance) as client:
        for path in (PATH, FILE, f"{FILE}&manifest", "/static/x/embed.js", "/static/x/embed.css"):
            headers = client.get(path, headers={"origin": origin}).headers
            assert headers.get("access-control-allow-origin") == allowed
            assert "access-control-allow-credentials" not in headers
        page = client.get(PATH).headers
        panel = client.get("/e/global-coalition", headers={"accept": "text/html"}).text

    assert page["content-security-policy"].endswith(framing)
    assert ("x-frame-options" in page) == (not setting)
    assert ("sijill-view" in panel) == bool(setting)


def test_a_setting_that_is_no_origin_is_refused() -> None:
    assert Settings.read({}).embed == ("*",)
    for wrong in ("news.example", "* https://a.example", "https://a.example/path", "https://a b;"):
        with pytest.raises(Refused, match="SIJILL_EMBED"):
            Settings.read({"SIJILL_EMBED": wrong})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/embed/e/global-coalition/members", 400),
        ("/embed/e/global-coalition/members?asOf=2025", 400),
        ("/embed/e/global-coalition/members?atPosition=500", 400),
        ("/embed/e/global-coalition/members?asOf=x&atPosition=500", 400),
        ("/embed/e/global-coalition/members?asOf=2025&atPosition=99999", 400),
        ("/embed/e/global-coalition/planets?asOf=2025&atPosition=500", 404),
        ("/embed/e/nobody/members?asOf=2025&atPosition=500", 404),
        ("/embed/e/%00/members?asOf=2025&atPosition=500", 400),
        ("/embed/e/syria/members?asOf=2025&atPosition=500&lang=ar", 200),
        ("/embed/e/syria/memberships?asOf=2025-11&knownAt=2025-12&atPosition=500", 200),
    ],
)
def test_what_is_not_pinned_or_not_there_is_refused_in_words(
    sampled: Instance, path: str, status: int
) -> None:
    with browsing(sampled) as client:
        answer = client.get(path)

    assert answer.status_code == status
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/", "/e/syria", "/log", "/graphiql", "/e/syria.json", "/e/no"])
def test_no_other_answer_may_be_framed(sampled: Instance, path: str) -> None:
    with browsing(sampled) as client:
        headers: httpx.Headers = client.get(path, headers={"accept": "text/html"}).headers

    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
