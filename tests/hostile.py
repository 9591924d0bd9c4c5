"""Two hundred strings that break programs: script, markup, formulas, bidi, joins, length, emoji."""

from __future__ import annotations

import unicodedata

_MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</script><svg onload=alert(1)>",
    "<!-- ", "-->", "]]>", "<![CDATA[x]]>", "&lt;b&gt;", "&amp;amp;", "{{7*7}}", "${7*7}",
    "{% raw %}", "javascript:alert(1)", "'\"><b>", "`${x}`", "<bdi>x", "</td></tr></table>",
    "\" onmouseover=\"alert(1)", "' OR 1=1 --", "'; DROP TABLE events; --", "\\", "\\\\", "\\n",
    "\\u0041", "\\\"", "%00", "%s%n", "%(id)s", "{0}", "../../etc/passwd", "C:\\x", "a/b?c#d",
    "BEGIN:VEVENT", "END:VCALENDAR", "a;b,c:d", "SUMMARY:x\nEND:VEVENT", "a\nb", "a\tb", "\ta",
    "\na", " a", "a ", "a\u00a0b", "@prefix x: <y> .", "\"\"\"", "'''", "^^xsd:int",
    "\"@en", "<urn:x>", "_:b0", "# no comment", "@article{x,", "{", "}", "}{", "{\\\"o}", "$x_1$",
    "\\input{/etc/passwd}", "~", "TY  - JOUR", "ER  - ", "a\nTY  - BOOK\nER  - ", "%A x", "--",
    "null", "true", "NaN", "1e309", "-0", "0x10", "١٢٣", "undefined", "None", "[]", "{}", "\"",
    "'", "''", "'=1+1",
]  # fmt: skip
_FORMULAS = [
    f"{sign}{rest}"
    for sign in ("=", "+", "-", "@", "\t=", "\n=", "＝", "＋", "－", "＠", "'=", "''=")
    for rest in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x","y")', "SUM(A1:A9)")
]
_SCRIPTS = [
    "التحالف الدولي ضد داعش", "سوريا – الولايات المتحدة", "عَرَبِيَّةٌ", "ـــ", "שלום", "a مرحبا b",
    "مرحبا (a) ١٢", 
    "éx", "z\u0351\u0352\u0353", "ﷺ", "ﬁ", "İıßſ", "Ǆǅǆ", "漢字", "한국어",
    "ไทย",
    "देवनागरी", "𝔘𝔫𝔦", "𐀀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇸🇾", "👍🏽", "☠", "\u2028x", "\u2029x",
    "x\u2028y",
    "x" * 450, "س" * 400, ("long " * 90).strip(), "🎉" * 200, "à" * 50,
    "W" * 300, "-" * 300, "." * 300, "a,b", "a;b", "a|b", "a\\;b", "1,5", "\"a\",\"b\"", "a\"b",
]  # fmt: skip
_NUMBERED = [f"{sign}{number}" for number in range(12) for sign in ("№", "±", "+", "@user")]

STRINGS = [
    text
    for text in dict.fromkeys([*_MARKUP, *_FORMULAS, *_SCRIPTS, *_NUMBERED])
    if unicodedata.is_normalized("NFC", text)
][:200]
"""Text that the record takes, as a title or a name."""
HIDDEN = [
    "\u200fب", "\u200ea", "a\u200db", "a\u200cb", "\ufeffa", "\u00ada", "Al\u200bpha", "a\u2060b",
    "", " ", "   ", "\u00a0", "\u3000", "\u200d", "\n",
]  # fmt: skip
"""Text that is no name: there is nothing to see, or something that nobody sees."""
QUOTES = ["\u202eevil\u202c", "\u2066a\u2069", "\u202da", "e\u0301"]
"""Text that the record takes in quotes alone: bidirectional controls, and what is not in NFC."""
REFUSED = ["a\0b", "\x07", "\ud800", "\ufffe", "\x1b[31m", "\u202e", "a\rb"]
"""Text that it does not take anywhere else, or at all."""
