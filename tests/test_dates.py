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
    assert dates.settle("/a", '"1"', THEN, THEN) == (THEN, False)
    assert dates.settle("/a", '"1"', THEN, THEN) == (THEN, True)
    assert dates.settle("/b", '"1"', THEN, THEN) == (THEN, False)
    assert dates.settle("/b", '"1"', THEN, None) == (THEN, False)


def test_a_change_without_a_newer_time_gets_the_time_of_its_discovery(dates: Dates) -> None:
    dates.settle("/a", '"1"', THEN, None)
    assert dates.settle("/a", '"2"', THEN, THEN) == (NOW, False)
    assert dates.settle("/a", '"2"', THEN, NOW) == (NOW, True)
    # Back to what it was: that is a change, too, and its date must not be one that was given before.
    assert dates.settle("/a", '"1"', THEN, NOW) == (NOW + 2, False)


def test_a_newer_time_counts_as_it_is(dates: Dates) -> None:
    dates.settle("/a", '"1"', THEN, None)
    assert dates.settle("/a", '"2"', THEN + 60, THEN) == (THEN + 60, False)
    assert dates.settle("/a", '"2"', THEN + 60, THEN) == (THEN + 60, False)


def test_a_client_s_own_clock_says_nothing_of_what_was_stored_later(dates: Dates) -> None:
    """It asked between the time of a post and the moment when that post was stored."""
    dates.settle("/a", '"1"', NOW - 900, None)
    assert dates.settle("/a", '"2"', NOW - 300, None) == (NOW - 300, False)
    for since, has in ((NOW - 300, True), (NOW - 299, True), (NOW - 298, False), (NOW, False), (NOW + 1, True)):
        assert dates.settle("/a", '"2"', NOW - 300, since) == (NOW - 300, has), since


def test_a_time_before_that_of_a_post_of_the_future_says_nothing(dates: Dates) -> None:
    for since, has in ((NOW + 50, False), (NOW + 99, False), (NOW + 100, True), (NOW + 102, True)):
        dates.settle("/a", '"1"', NOW + 100, None)
        assert dates.settle("/a", '"1"', NOW + 100, since) == (NOW + 100, has), since


@pytest.mark.parametrize("later", [0, 1])
def test_a_date_that_a_client_may_already_name_is_not_given_again(dates: Dates, later: int) -> None:
    """Some clients send back one second more than they were given."""
    dates.settle("/a", '"1"', NOW + 10, None)
    date, _ = dates.settle("/a", '"2"', NOW + 10 + later, None)
    assert date > NOW + 11
    assert not dates.settle("/a", '"2"', NOW + 10 + later, NOW + 11)[1]


def test_answers_by_turns_do_not_lead_into_the_future(dates: Dates, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where two processes disagree for a while: then no date says that something is unchanged."""
    given = [dates.settle("/a", f'"{turn % 2}"', THEN, NOW + 1_000_000)[0] for turn in range(100)]
    assert max(given) == NOW + 60
    for _ in range(2):
        assert dates.settle("/a", '"1"', THEN, max(given)) == (NOW, False)
    monkeypatch.setattr(dates_module.time, "time", lambda: NOW + 100)
    assert dates.settle("/a", '"1"', THEN, max(given)) == (NOW + 100, False)
    assert dates.settle("/a", '"1"', THEN, NOW + 100) == (NOW + 100, True)


def test_only_the_latest_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates_module, "ENTRIES", 8)
    dates = Dates()
    for address in (*"abcdefgh", "a", "i"):
        dates.settle(address, '"1"', THEN, None)
    assert [address for address in "iacdefgh" if dates.settle(address, '"1"', THEN, THEN)[1]] == [*"iacdefgh"]
    assert dates.settle("b", '"1"', THEN, THEN) == (THEN, False)


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
    for later in (0, 1, NOW + 1_000_000_000):
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
