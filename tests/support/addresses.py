"""Addresses of the sample record with gaps, `%s`, for whatever a test puts there."""

from __future__ import annotations

ADDRESSES = [
    b"/log/tile/%s", b"/log/tile/0/%s", b"/log/tile/entries/000.p/%s", b"/log/tile/0/x001/%s",
    b"/log/proof/fact/%s", b"/log/proof/answer?question=%s&subject=%s",
    b"/log/proof/answer?question=members&subject=global-coalition&asOf=%s&atPosition=%s",
    b"/log/%s", b"/log?after=%s&first=%s", b"/log/feed.atom?%s=%s",
    b"/e/%s/feed.atom", b"/e/syria/%s/feed.atom", b"/s/%s/feed.atom", b"/activity?kind=%s&day=%s",
    b"/document/%s",
    b"/document/" + b"0" * 63 + b"%s", b"/e/%s", b"/e/global-coalition?asOf=%s&knownAt=%s",
    b"/e/global-coalition/%s?recordedAt=%s&atPosition=%s", b"/e/syria/changes?from=%s&to=%s",
    b"/s/%s", b"/s/article-2025-11-03?lang=%s&atPosition=%s", b"/f/%s",
    b"/f/syria-joins/evidence?%s",
    b"/e/%s.csv", b"/e/%s/members.json", b"/e/global-coalition/%s.csv", b"/s/%s.bib", b"/f/%s.ttl",
    b"/e/global-coalition.csv?asOf=%s&knownAt=%s&atPosition=%s", b"/record.%s",
    b"/e/global-coalition/members.geojson?asOf=%s&lang=%s", b"/facts.csv?type=%s&%s=%s",
    b"/entities.json?search=%s&kind=%s", b"/changes.csv?from=%s&to=%s&manifest=%s",
    b"/e/global-coalition.parquet?recordedAt=%s", b"/guide?%s", b"/map?asOf=%s&lang=%s", b"/?%s=%s",
    b"/search?q=%s&kind=%s&after=%s", b"/search?q=syria&knownAt=%s&lang=%s", b"/search.json?q=%s",
    b"/search.json?q=%s&asOf=%s&atPosition=%s", b"/embed/e/%s/%s?asOf=2025&atPosition=100",
    b"/embed/e/syria/memberships?asOf=%s&atPosition=%s&lang=%s", b"/e/%s/state", b"/f/%s/fact",
    b"/e/%s.txt?accessed=%s", b"/e/syria/members.bib?accessed=%s&lang=%s", b"/log.csl.json?lang=%s",
    b"/compare?left=%s&right=%s&question=%s", b"/compare?left=syria&fromAsOf=%s&asOf=%s",
    b"/story/%s?step=%s", b"/story/the-week-syria-joined?step=%s&asOf=%s", b"/stories?after=%s",
    b"/log/proof/story/%s", b"/static/%s/%s", b"/graphql?query=%s&variables=%s", b"/%s",
]  # fmt: skip
