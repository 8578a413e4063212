"""Programs that read FoolFuuka archives and cannot be run here find all that they read, in the types they take it for.

Invented posts and genuine ones, on each kind of database; and whatever is taken away from an answer, or turned into
something else, its readers notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from app import create_app
from app.settings import AppSettings, MediaSettings, Settings
from tests.support import contract_archive
from tests.support.asgi import ask
from tests.support.contract_clients import ASKS, Ask
from tests.support.contracts import labels, may_lack, orders, read, spoilt, turned
from tests.support.databases import fresh_place
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

API = "/_/api/chan/"
HOST = "https://archive.example.org"


def name_of(asked: Ask) -> str:
    return f"{asked.client}:{asked.form}"


each_ask = pytest.mark.parametrize("asked", ASKS, ids=name_of)
Answers = dict[str, Any]


def every_address(asked: Ask) -> list[str]:
    """The form of a question with all combinations of what its places are filled with."""
    found = [asked.form]
    for place, values in contract_archive.NUMBERS.items():
        if f"{{{place}}}" in asked.form:
            found = [form.replace(f"{{{place}}}", quote(value, safe="")) for form in found for value in values]
    return found


ENDINGS = (
    ("4chan-X", "post/?board=a&num=999", 200, {"error": "Post not found."}),
    ("4chan-XT", "thread/?board=a&num=999", 200, {"error": "Thread not found."}),
    ("Kuroba", "thread?board=a&num=101", 200, {"error": "Thread not found."}),
    ("KurobaEx", "thread/?board=a&num=999", 200, {"error": "Thread not found."}),
    ("Hayden", "index/?board=a&page=2", 200, []),
    ("Hayden", "search/?boards=a&text=nobody&type=op&order=asc", 200, {"error": "No results found."}),
    ("Chance", "post?board=a&num=999", 200, {"error": "Post not found."}),
    ("Chance", "index?board=a&page=2", 200, []),
    ("MCP", "thread/?board=a&num=100&latest_doc_id=99&last_limit=100", 204, None),
    ("MCP", "thread/?board=zz&num=100&last_limit=100", 422, {"error": "No board selected."}),
    ("MCP", "post/?board=zz&num=100", 422, {"error": "No board was selected."}),
    ("MCP", "nothing/", 404, {"error": "Requested resource does not exist."}),
    ("Go", "thread/?board=a&num=999", 200, {"error": "Thread not found."}),
    ("Rust", "search/?boards=a&text=nobody", 200, {"error": "No results found."}),
    ("FoolFuuka's pages", "thread/?board=a&num=100&latest_doc_id=99&theme=foolz/foolfuuka-theme-foolfuuka", 204, None),
)
"""How programs are told that there is nothing: the status they look at, and the text they compare."""


def served(stage: Stage) -> Quart:
    """The app over the invented archive."""
    contract_archive.fill(stage)
    return create_app(
        Settings(
            db=stage.place.settings(),
            app=AppSettings(url=HOST),
            boards=stage.boards,
            media=MediaSettings(root=stage.media),
        )
    )


async def answered(app: Quart, wanted: list[str]) -> Answers:
    answers: Answers = {}
    async with app.test_app():
        for address in dict.fromkeys(wanted):
            answer = await ask(app, API + address)
            assert answer.status == 200, f"{address}: {answer.status} {answer.body[:400]!r}"
            assert answer.headers["access-control-allow-origin"] == "*"
            answers[address] = answer.json
    return answers


@contextmanager
def answering(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Answers]:
    """All answers that are asked for, of the invented archive on one kind of database."""
    with fresh_place(kind, request, folder) as place:
        wanted = [address for asked in ASKS for address in every_address(asked)]
        yield asyncio.run(answered(served(Stage(place, folder / "media")), wanted))


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgresql"])
def invented(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    with answering(request.param, request, tmp_path_factory.mktemp("contracts")) as answers:
        yield answers


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """Those that tests spoil; one kind of database is enough."""
    with answering("sqlite", request, tmp_path_factory.mktemp("spoilt")) as found:
        yield found


@each_ask
def test_every_program_finds_all_that_it_reads(invented: Answers, asked: Ask) -> None:
    met: set[str] = set()
    for address in every_address(asked):
        reading = read(asked.shape, invented[address])
        assert reading.broken == [], address
        met |= reading.met
    assert sorted(set(labels(asked.shape)) - met) == []


@each_ask
def test_a_field_that_is_gone_or_something_else_is_noticed(answers: Answers, asked: Ask) -> None:
    seen = [(answers[address], read(asked.shape, answers[address])) for address in every_address(asked)]
    for label in labels(asked.shape):
        answer = next(answer for answer, reading in seen if label in reading.met)
        for what, changed in spoilt(asked.shape, answer, label):
            reading = read(asked.shape, changed)
            if what == "is gone" and may_lack(asked.shape, label):
                assert label not in reading.met
            else:
                assert reading.broken, f"{label} {what}"


@pytest.mark.parametrize("asked", [asked for asked in ASKS if list(orders(asked.shape))], ids=name_of)
def test_a_key_that_comes_too_late_is_noticed(answers: Answers, asked: Ask) -> None:
    answer = answers[every_address(asked)[0]]
    assert read(asked.shape, answer).broken == []
    for label, first, second in orders(asked.shape):
        late = read(asked.shape, turned(answer, label, first))
        assert any(complaint.endswith(f"{second} comes before {first}") for complaint in late.broken), label


async def test_programs_are_told_that_there_is_nothing(stage: Stage) -> None:
    app = served(stage)
    async with app.test_app():
        for client, target, status, body in ENDINGS:
            answer = await ask(app, API + target)
            assert answer.status == status, (client, target)
            assert (answer.json if answer.body else None) == body, (client, target)
            assert answer.headers["access-control-allow-origin"] == "*", (client, target)


async def test_programs_ask_only_for_what_is_newer(stage: Stage) -> None:
    """Hayden gives the time back as it got it, userscripts a second more."""
    app = served(stage)
    target = f"{API}thread/?board=a&num={contract_archive.THREAD}"
    async with app.test_app():
        first = await ask(app, target)
        known = parsedate_to_datetime(first.headers["last-modified"])
        for later in (0, 1):
            since = {"If-Modified-Since": format_datetime(known + timedelta(seconds=later), usegmt=True)}
            answer = await ask(app, target, headers=since)
            assert (answer.status, answer.body) == (304, b"")
        stage.post(400, contract_archive.THREAD, board="a", timestamp=NOON + 9_000)
        answer = await ask(app, target, headers=since)
        assert answer.status == 200 and "400" in answer.json[str(contract_archive.THREAD)]["posts"]
        assert parsedate_to_datetime(answer.headers["last-modified"]) > known
