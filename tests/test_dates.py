"""A date makes a 304 only while the very answer that went with it is still the answer."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from quart import Quart, Response

from app import dates as dates_module
from app.dates import Dates
from app.http import respond
from tests.support.asgi import ask

THEN = 1_366_825_828
NOW = 1_800_000_000


@pytest.fixture
def dates(monkeypatch: pytest.MonkeyPatch) -> Dates:
    class Time:
        @staticmethod
        def time() -> float:
            return NOW + 0.5

    monkeypatch.setattr(dates_module, "time", Time)
    return Dates()


def test_the_first_answer_is_never_known(dates: Dates) -> None:
    assert dates.settle("/a", '"1"', THEN) == (THEN, False)
    assert dates.settle("/a", '"1"', THEN) == (THEN, True)
    assert dates.settle("/b", '"1"', THEN) == (THEN, False)


def test_a_change_without_a_newer_time_gets_the_time_of_its_discovery(dates: Dates) -> None:
    dates.settle("/a", '"1"', THEN)
    assert dates.settle("/a", '"2"', THEN) == (NOW, False)
    assert dates.settle("/a", '"2"', THEN) == (NOW, True)
    # Back to what it was: that is a change, too, and its date must not be one that was given before.
    assert dates.settle("/a", '"1"', THEN) == (NOW + 2, False)


def test_a_newer_time_counts_as_it_is(dates: Dates) -> None:
    dates.settle("/a", '"1"', THEN)
    assert dates.settle("/a", '"2"', THEN + 60) == (THEN + 60, False)


@pytest.mark.parametrize("later", [0, 1])
def test_a_date_that_a_client_may_already_name_is_not_given_again(dates: Dates, later: int) -> None:
    """Some clients send back one second more than they were given."""
    dates.settle("/a", '"1"', NOW + 10)
    date, known = dates.settle("/a", '"2"', NOW + 10 + later)
    assert date > NOW + 11
    assert not known


def test_only_the_latest_addresses_are_remembered(dates: Dates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates_module, "MOST", 2)
    for address in ("/a", "/b", "/a", "/c"):
        dates.settle(address, '"1"', THEN)
    assert dates.settle("/a", '"1"', THEN) == (THEN, True)
    assert dates.settle("/b", '"1"', THEN) == (THEN, False)


@pytest.fixture
def app() -> Quart:
    app = Quart(__name__)
    bodies = {"text": b"one"}

    @app.get("/page")
    async def page() -> Response:
        return respond(bodies["text"], "text/plain; charset=utf-8", last_modified=THEN)

    @app.get("/change")
    async def change() -> Response:
        bodies["text"] = b"two"
        return Response(b"")

    return app


def since(time: int) -> dict[str, str]:
    return {"If-Modified-Since": formatdate(time, usegmt=True)}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_nothing_new_is_a_304(app: Quart, method: str) -> None:
    assert (await ask(app, "/page", method=method, headers=since(THEN))).status == 200, "nothing is known yet"
    for later in (0, 1, 1_000_000):
        answer = await ask(app, "/page", method=method, headers=since(THEN + later))
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["last-modified"] == formatdate(THEN, usegmt=True)
        assert "etag" in answer.headers
    assert (await ask(app, "/page", method=method, headers=since(THEN - 1))).status == 200
    assert (await ask(app, "/page", method=method, headers={"If-Modified-Since": "yesterday"})).status == 200


async def test_other_addresses_are_other_answers(app: Quart) -> None:
    await ask(app, "/page")
    assert (await ask(app, "/page?a=1", headers=since(THEN))).status == 200
    assert (await ask(app, "/page", headers=since(THEN))).status == 304


async def test_a_change_shows_although_no_time_is_newer(app: Quart) -> None:
    await ask(app, "/page")
    await ask(app, "/page")
    await ask(app, "/change")
    changed = await ask(app, "/page", headers=since(THEN))
    assert (changed.status, changed.body) == (200, b"two")
    date = changed.headers["last-modified"]
    assert date != formatdate(THEN, usegmt=True)
    assert (await ask(app, "/page", headers={"If-Modified-Since": date})).status == 304
    assert (await ask(app, "/page", headers=since(THEN))).status == 200


async def test_an_etag_decides_alone(app: Quart) -> None:
    await ask(app, "/page")
    headers = {**since(THEN), "If-None-Match": '"something else"'}
    assert (await ask(app, "/page", headers=headers)).status == 200
