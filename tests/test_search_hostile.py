"""Searches made to break something: each is answered, or refused in a sentence, on every database."""

# ruff: noqa: RUF001 - digits that look alike are the matter here

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from quart.typing import TestClientProtocol as Client

from app import create_app
from app.settings import Settings
from tests.support.databases import fresh_place
from tests.support.search_archives import PLANS, invent, settings_of
from tests.support.search_asking import MAKERS
from tests.support.search_tables import load

MARKUP = "<script>alert(1)</script>"
BREAKOUT = '"><img src=x onerror=alert(1)>'
TEXTS = (
    "'", '"', "''", "';--", "' OR '1'='1", '" OR ""="', "\\", "\\'", "`", "$1", "?", "%s", "%(a)s", "{}",
    "{0.__class__}",
    "%", "_", "!", "!!", "%%%%%%%%", "%" * 400, "_" * 400, "![!", "[", "]", "[^a]", "[a-", "a]b", "**", "*", "?*",
    "(a|a)*",
    "(a+)+$", "^.*$", ".*" * 200, "\\d{99999}", "a{1,99999}", "(?i)a", "***=a", "(?#", "\u202eabc\u202c", "\u200f",
    "\ufeff",
    "\ufffd", "\uffff", "\u0000", "a\u0000b", "\t\n\r", "\x1b[31m", "x" * 5000, "猫" * 5000, '"' * 10_000,
    "a " * 5000, "- - -", "-", "--", "-*", "|", "| | |", "a | | b", "= ", "==", "=-", "=%", "NULL", "SELECT",
    "1e999", "0x1F", "🐈" * 200,
    MARKUP, BREAKOUT, f"={MARKUP}", f'"{MARKUP}"',
)  # fmt: skip
NUMBERS = (
    "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "9" * 5000, "-1",
    ">=-1", "<0", ">2147483647", "<=2147483647", ">=0", "1.5", "1e9", "0x10", "+5", "٣", "１２", "²", "2G", "1T", "NaN",
    "1 OR 1=1", "0", "00000000001", " 5 ", "",
)  # fmt: skip
DATES = (
    "0000", "0000-00-00", "0001-01-01", "1969-12-31", "1970", "1990", "2105-12-31T23:59:59", "2106", "9999",
    "9999-12-31",
    "99999-01-01", "2021-13", "2021-02-30", "2021-02-29T25:00", "2021-11-07T01:30", "2021-06-31", "-2021", "２０２１",
    "now",
)  # fmt: skip
PLACES = (
    "0",
    "-1",
    "1",
    "2",
    "200",
    "201",
    "9" * 400,
    "0~",
    "1~x.1",
    "0~stock.",
    "0~stock.99999999999",
    "0~stock.1_1",
    "~",
    "x",
)
NUMERIC = ("width", "height", "size", "length", "subject_length", "num", "tnum", "since4pass")
PLACED = ("cursor", "page", "limit", "view")
OTHERS = tuple(
    key for key in (*MAKERS, "filter", "order", "results", "boards", "q") if key not in (*NUMERIC, "start", "end")
)
LONG = "a" * 60_000


@pytest.fixture
def archive(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    plan = PLANS[0]
    board = invent(plan, 1)
    for post, comment in zip(board.posts, (LONG, "a " * 30_000, "ä " * 15_000, f"{MARKUP} {BREAKOUT}"), strict=False):
        post.row["comment"], post.removed = comment, False
    with fresh_place(database_kind, request, tmp_path) as place:
        load(place, [plan], [board])
        yield Settings(db=place.settings(), boards={plan.name: settings_of(plan, board)})


@pytest.fixture
async def client(archive: Settings) -> AsyncIterator[Client]:
    async with create_app(archive).test_app() as running:
        yield running.test_client()


def _addresses() -> Iterator[str]:
    """Each text in the comment on every kind of page; each field with some of the texts; each number,
    date and place."""
    for text in TEXTS:
        value = quote(text, safe="")
        yield f"/api/v1/search?text={value}"
        yield f"/stock/search/?text={value}"
        if len(text) < 1000:
            yield f"/_/search/?text={value}&boards=stock"
            yield f"/stock/search/username/{value}/order/asc/"
            yield f"/stock/search/feed.atom?subject={value}"
    texts = itertools.cycle(TEXTS)
    for key in (*OTHERS, *NUMERIC, "start", "end", *PLACED):
        for text in itertools.islice(texts, 7):
            yield f"/api/v1/search?{key}={quote(text, safe='')}"
        yield f"/stock/search/?{key}={quote(next(texts), safe='')}"
    for keys, values in ((NUMERIC, NUMBERS), (("start", "end"), DATES), (PLACED, PLACES)):
        turns = itertools.cycle(keys)
        for value in values:
            yield f"/api/v1/search?text=a&{next(turns)}={quote(value)}"
            yield f"/stock/search/?{next(turns)}={quote(value)}"
    # Bytes that are no UTF-8, a lone surrogate, half an escape; keys as bad as values.
    for value in ("%ff%fe", "%ed%a0%80", "%c0%af", "%", "%zz", "%00", "a%00", "%e7%8c", "%f4%90%80%80"):
        for address in ("/api/v1/search?text=", "/stock/search/?text=", "/stock/search/text/"):
            yield address + value
        yield f"/stock/search/?{value}=cat"
        yield f"/api/v1/search?{value}=cat"
    yield "/api/v1/search?" + "&".join(f"k{nth}={nth}" for nth in range(3000))
    yield "/stock/search/?" + "&".join(["text=a"] * 3000)
    yield "/stock/search/" + "text/a/" * 300
    yield "/stock/search/?" + "&" * 3000 + "=" * 3000


async def test_every_search_is_answered_or_refused(client: Client) -> None:
    seen = set()
    for address in _addresses():
        response = await client.get(address)
        body = await response.get_data(as_text=True)
        assert response.status_code in (200, 302, 400), (ascii(address)[:200], response.status_code, body[:500])
        seen.add(response.status_code)
        if not address.startswith("/api/"):
            assert "<script>alert" not in body, ascii(address)
            assert "<img src=x" not in body, ascii(address)
        assert "Traceback" not in body
        assert "SELECT " not in body or "SELECT" in address, ascii(address)
    assert seen == {200, 302, 400}


@pytest.mark.parametrize("path", ["/_/search/", "/stock/search/"])
async def test_forms_that_are_sent(client: Client, path: str) -> None:
    for text in TEXTS:
        response = await client.post(path, form={"text": text})
        assert response.status_code in (303, 400), (ascii(text)[:100], response.status_code)
        assert "\n" not in response.headers.get("Location", "")


async def test_words_that_nearly_match_a_long_comment_end(client: Client) -> None:
    """Whoever tries all ways to lay the words into the text does not come back in the time that a search has."""
    for typed in (
        '"' + "a " * 100 + 'b"',
        '"' + "ä " * 100 + 'b"',
        "aa* -" + "a" * 300 + "b",
        "a" * 400 + "b",
        '"a a* b"',
    ):
        response = await client.get(f"/api/v1/search?text={quote(typed)}")
        answer = await response.get_json()
        assert response.status_code == 200, answer
        assert answer["outcome"] in ("found", "nothing found"), (typed, answer["outcome"])
        assert answer["exact"], typed
