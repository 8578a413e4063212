"""No page is forgotten: each route that answers with a page is among the kinds of pages that tests go through."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from quart import Quart
from werkzeug.routing import Rule

from app import create_app
from tests.support.page_kinds import KINDS, THREAD
from tests.support.served import Served, served
from tests.support.settings_files import load

__all__ = ["served"]

NUMBER = THREAD.split("/")[3]
SAMPLES = {
    "board": "g",
    "number": NUMBER,
    "thread": NUMBER,
    "post": NUMBER,
    "count": "50",
    "page": "1",
    "rest": "x",
    "words": "x",
    "method": "boards",
    "mode": "by_post",
    "code": "en_EN",
    "chosen": "dark",
    "text": "xxxxxxxxxxxxxxxxxxxxxx",
    "hash": "xxxxxxxxxxxxxxxxxxxxxx",
    "media_hash": "xxxxxxxxxxxxxxxxxxxxxx",
    "part": "1",
    "name": "1668902400123.jpg",
    "kind": "image",
    "first": "1668",
    "second": "90",
    "third": "24",
    "stem": "1668902400123",
    "extension": "jpg",
}
"""What to put into an address for each of its parts, to see what kind of answer it has."""


def rules(app: Quart) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))


def test_every_route_of_a_page_is_among_the_kinds(served: Served, tmp_path: Path) -> None:
    app = create_app(load(tmp_path))
    router = app.url_map.bind("127.0.0.1")
    seen = {router.match(unquote(urlsplit(kind.address).path))[0] for kind in KINDS.values() if kind.status != 404}
    forgotten = []
    for rule in rules(app):
        if rule.endpoint in seen:
            continue
        unknown = rule.arguments - set(SAMPLES)
        assert not unknown, f"{rule.rule}: give SAMPLES a value for {unknown}"
        _, address = rule.build({name: SAMPLES[name] for name in rule.arguments}) or ("", "")
        status, kind_of_answer, _ = served.answer(address)
        if status == 200 and kind_of_answer.startswith("text/html"):
            forgotten.append(rule.rule)
    assert forgotten == []


def test_a_kind_is_what_its_name_says(served: Served) -> None:
    for kind in KINDS.values():
        status, kind_of_answer, _ = served.answer(kind.address)
        assert (status, kind_of_answer) == (kind.status, "text/html; charset=utf-8"), kind.name
