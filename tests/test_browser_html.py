"""What the server sends is valid HTML, for each kind of page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.judges import judged
from tests.support.page_kinds import KINDS
from tests.support.served import Served, served

__all__ = ["served"]

CORE = {"home", "index", "catalog", "thread", "thread-hostile", "search", "post", "no-page"}


@pytest.mark.parametrize("names", [CORE, pytest.param(set(KINDS) - CORE, marks=pytest.mark.full)], ids=["core", "rest"])
def test_pages_are_valid(judge: Callable[[str], Path], served: Served, names: set[str]) -> None:
    judge("html-validate")
    pages = {}
    for name in sorted(names):
        status, _, pages[name] = served.answer(KINDS[name].address)
        assert status == KINDS[name].status, name
    assert {name: said for name, said in judged(pages).items() if said} == {}


def test_a_page_that_is_not_valid_is_found_out(judge: Callable[[str], Path]) -> None:
    judge("html-validate")
    said = judged({"bad": "<!doctype html>\n<html lang=en><title>x</title><p><div></p>", "good": "<p>Good.</p>"})
    assert {"close-order:", "attr-quotes:"} <= {line.split()[1] for line in said["bad"]}
    assert said["good"] == []
