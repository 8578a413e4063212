"""Searches of FoolFuuka's interface that were made to break something: each is answered, or refused in a sentence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import quote

from tests.support.asgi import ask
from tests.support.foolfuuka import API
from tests.support.stage import Stage, stage
from tests.test_search_hostile import DATES, LONG, MARKUP, NUMBERS, PLACES, TEXTS

__all__ = ["stage"]

KEYS = (
    "board", "boards", "subject", "text", "username", "tripcode", "email", "filename", "capcode", "uid", "country",
    "image", "deleted", "ghost", "type", "filter", "results", "order", "theme", "poster_ip", "boards[]", "q", "cursor",
)  # fmt: skip
NUMERIC = ("tnum", "width", "height", "since4pass")
SAID = {
    200: (
        "No results found.",
        "Thread number you inserted is not a valid number.",
        "Image width you inserted is not a valid number.",
        "Image height you inserted is not a valid number.",
        "Since4pass you inserted is not a valid number.",
    ),
    500: ("The page number is not valid.",),
}
BYTES = ("%ff%fe", "%ed%a0%80", "%c0%af", "%", "%zz", "%00", "a%2500", "%e7%8c", "%f4%90%80%80", "%25%32%35")


def _queries() -> Iterator[str]:
    for text in TEXTS:
        yield f"text={quote(text, safe='')}"
    texts = itertools.cycle(TEXTS)
    for key in KEYS:
        for text in itertools.islice(texts, 5):
            yield f"{quote(key)}={quote(text, safe='')}"
    for keys, values in ((NUMERIC, NUMBERS), (("start", "end"), DATES), (("page",), PLACES)):
        turns = itertools.cycle(keys)
        for value in values:
            yield f"text=a&{next(turns)}={quote(value)}"
    for value in BYTES:
        yield f"text={value}"
        yield f"image={value}"
        yield f"{value}=cat"
    yield "&".join(f"k{nth}={nth}" for nth in range(2000))
    yield "&".join(["text=a"] * 2000)
    yield "boards=" + ".".join(["g"] * 5000)


async def test_every_search_is_answered_or_refused(stage: Stage) -> None:
    stage.board("g", title=MARKUP)
    stage.posts(*({"num": num, "thread_num": 1, "comment": text} for num, text in enumerate((LONG, MARKUP, "%_"), 1)))
    seen = set()
    async with stage.running() as running:
        for query in _queries():
            answer = await ask(running.app, f"{API}/search/?{query}")
            assert answer.status in SAID, (ascii(query)[:200], answer.status, answer.body[:300])
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["access-control-allow-origin"] == "*"
            if "error" in answer.json:
                assert answer.json["error"] in SAID[answer.status], ascii(query)[:200]
            else:
                assert "<" not in answer.json["meta"]["search_title"]
            seen.add((answer.status, "error" in answer.json))
    assert seen == {(200, False), (200, True), (500, True)}
