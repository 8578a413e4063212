"""FoolFuuka's interface at its edges: statuses, error texts, headers and forms of addresses."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from app.errors import Unavailable
from tests.support.asgi import ask
from tests.support.foolfuuka import API, address, check_thread
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

NO_BOARD = "No board selected."
NO_PAGE, BAD_PAGE = 'The "page" parameter is missing.', 'The value for "page" is invalid.'
NO_NUM, BAD_NUM = 'The "num" parameter is missing.', 'The value for "num" is invalid.'
BAD_ROW = 'The value for "latest_doc_id" is malformed.'
NO_THREAD, NO_POST = "Thread not found.", "Post not found."
NO_METHOD = "Requested resource does not exist."

UNACCEPTABLE = {
    "index/": NO_BOARD,
    "index/?page=1": NO_BOARD,
    "index/?board=&page=1": NO_BOARD,
    "index/?board=zz&page=1": NO_BOARD,
    "index/?board=G&page=1": NO_BOARD,
    "index/?board=%67%00&page=1": NO_BOARD,
    "gallery/?page=1": NO_BOARD,
    "thread/?num=10": NO_BOARD,
    "deleted/?num=10": NO_BOARD,
    "post/?num=10": "No board was selected.",
    "post/?board=zz&num=10": "No board was selected.",
    "index/?board=g": NO_PAGE,
    "index/?board=g&page=": NO_PAGE,
    "index/?board=g&page=0": NO_PAGE,
    "index/?board=g&page=x": BAD_PAGE,
    "index/?board=g&page=1x": BAD_PAGE,
    "index/?board=g&page=-1": BAD_PAGE,
    "index/?board=g&page=1.0": BAD_PAGE,
    "index/?board=g&page=%D9%A1": BAD_PAGE,
    "index/?board=g&page=00": BAD_PAGE,
    "gallery/?board=g": NO_PAGE,
    "gallery/?board=g&page=%00": BAD_PAGE,
    "thread/?board=g": NO_NUM,
    "thread/?board=g&num=0": NO_NUM,
    "thread/?board=g&num=10_1": BAD_NUM,
    "thread/?board=g&num=S10": BAD_NUM,
    "thread/?board=g&num=-10": BAD_NUM,
    "thread/?board=g&num=10%20": BAD_NUM,
    "thread/?board=g&num=1e1": BAD_NUM,
    "thread/?board=g&num=10'--": BAD_NUM,
    "deleted/?board=g": NO_NUM,
    "deleted/?board=g&num=x": BAD_NUM,
    "post/?board=g": NO_NUM,
    "post/?board=g&num=0": NO_NUM,
    "post/?board=g&num=x": BAD_NUM,
    "post/?board=g&num=10_": BAD_NUM,
    "post/?board=g&num=10_1_1": BAD_NUM,
    "post/?board=g&num=10.1": BAD_NUM,
    "thread/?board=g&num=10&latest_doc_id=x": BAD_ROW,
    "thread/?board=g&num=10&latest_doc_id=1.5": BAD_ROW,
    "thread/?board=g&num=10&latest_doc_id=--1": BAD_ROW,
    "thread/?board=g&num=10&latest_doc_id=1%20": BAD_ROW,
}
"""Requests that make no sense (422), and what they are told."""

TOLD = {
    "thread/?board=g&num=999": NO_THREAD,
    "thread/?board=g&num=11": NO_THREAD,
    "thread/?board=g&num=99999999999999999999": NO_THREAD,
    "deleted/?board=g&num=10": NO_THREAD,
    "post/?board=g&num=999": NO_POST,
    "post/?board=g&num=10_1": NO_POST,
    "post/?board=g&num=99999999999999999999": NO_POST,
    "post/?board=g&num=10_99999999999999999999": NO_POST,
}
"""What is not there, told with status 200."""

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "If-Modified-Since, If-None-Match",
    "access-control-max-age": "604800",
}


def fill(stage: Stage) -> None:
    stage.board()
    stage.posts({"num": 10, "thread_num": 10}, {"num": 11, "thread_num": 10})
    stage.threads({"thread_num": 10})


async def error(running: Running, target: str, status: int) -> Any:
    answer = await running.ask(f"{API}/{target}", status)
    assert list(answer.json) == ["error"]
    assert answer.headers["content-type"].startswith("application/json")
    assert CORS.items() <= answer.headers.items()
    assert "last-modified" not in answer.headers
    return answer.json["error"]


async def test_errors_and_their_texts(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        for targets, status in ((UNACCEPTABLE, 422), (TOLD, 200)):
            for target, text in targets.items():
                assert await error(running, target, status) == text, target
        for target in ("nothing/", "Thread/?board=g&num=10", "%00/"):
            assert await error(running, target, 404) == NO_METHOD, target


async def test_forms_of_an_address(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        wanted = check_thread((await running.ask(address("thread", board="g", num=10))).json)
        for form in (
            "thread?board=g&num=10",
            "thread/?board=%67&num=%31%30",
            "thread/?board=%2567&num=%25310",
            "thread/?num=10&board=g&unknown=1&num=11&latest_doc_id=&last_limit=x",
            "thread/?board=g&num=0010",
            "thread/g/10/?board=g&num=10",
        ):
            answer = await running.ask(f"{API}/{form}")
            assert check_thread(answer.json) == wanted, form
            assert CORS.items() <= answer.headers.items()
        assert (await running.ask(f"{API}/post?board=g&num=10%252C0")).json["num"] == "10"


async def test_head_options_and_other_methods(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        for target in (address("thread", board="g", num=10), address("post", board="g", num=999), f"{API}/nothing"):
            whole, head = await ask(running.app, target), await ask(running.app, target, method="HEAD")
            assert (head.status, head.body) == (whole.status, b"")
            named = ("content-type", "content-length", "etag", "last-modified", "access-control-allow-origin")
            assert [head.headers.get(name) for name in named] == [whole.headers.get(name) for name in named]
        for target in (f"{API}/thread/", f"{API}/thread", address("post", board="g", num=999)):
            options = await ask(running.app, target, method="OPTIONS")
            assert (options.status, options.body) == (204, b"")
            assert CORS.items() <= options.headers.items()
        for method in ("POST", "PUT", "DELETE"):
            refused = await ask(running.app, f"{API}/thread/", method=method)
            assert (refused.status, refused.json["error"]) == (405, "This archive only reads.")
            assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
            assert CORS.items() <= refused.headers.items()


async def test_what_goes_wrong_here(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(stage)
    async with stage.running() as running:
        broken: Exception = Unavailable(retry_after=7)

        async def fail(*_: object) -> None:
            raise broken

        monkeypatch.setattr(running.archive, "whole_thread", fail)
        away = await running.ask(address("thread", board="g", num=10), 503)
        assert (away.headers["retry-after"], list(away.json)) == ("7", ["error"])
        assert CORS.items() <= away.headers.items()
        broken = ValueError("SELECT secret")
        with caplog.at_level(logging.ERROR):
            await error(running, "search/?page=x", 500)
            # It is the client's fault, whatever FoolFuuka calls it.
            assert "koiwai.api" not in {record.name for record in caplog.records}
            assert await error(running, "thread/?board=g&num=10", 500) == "Encountered an unknown error."
        assert "SELECT secret" in caplog.text
        evil = await ask(running.app, address("post", board="g", num=10), headers={"Host": "evil.example/path"})
        assert (evil.status, list(evil.json)) == (400, ["error"])


async def test_a_board_that_is_not_there_yet(stage: Stage) -> None:
    fill(stage)
    stage.boards["new"] = stage.boards["g"]
    async with stage.running(validate_boards_db=False) as running:
        await error(running, "index/?board=new&page=1", 503)
        assert list((await running.ask(address("index", board="g", page=1))).json) == ["10"]
