"""Searches as addresses say them: every field read, written back and said in words; what cannot be is said too."""

import random
import re

import pytest

from app.search import FIELDS, InvalidSearch, Query, read_query
from app.search.candidate import Candidate
from app.search.fields import BY_KEY
from app.search.query import ELSEWHERE
from tests.support.search_archives import PLANS, invent
from tests.support.search_asking import MAKERS, search_with

KNOWN = ("g", "po", "λ")


def asked(*pairs: tuple[str, str], board: str | None = None) -> Query:
    return read_query(pairs, KNOWN, board).query


def test_an_address_can_be_written_and_read_again() -> None:
    boards = [invent(plan, 1) for plan in PLANS]
    names = [board.name for board in boards]
    for key in MAKERS:
        for nth in range(30):
            pairs = search_with(key, random.Random(f"{key} {nth}"), boards).pairs()
            query = read_query(pairs, names).query
            assert read_query(query.pairs(), names).query == query, pairs
            assert read_query(reversed(query.pairs()), names).query == query, pairs
            assert query.pairs() == read_query(query.pairs(), names).query.pairs(), pairs
            # On the page of a board, its name stands in the path.
            one = read_query(pairs, names, board=names[0]).query
            assert read_query(one.pairs(boards=False), names, board=names[0]).query == one, pairs
            assert "{}" not in query.words


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (("filter", "text"), ("file", "with")),
        (("filter", "Image"), ("file", "without")),
        (("filter", "spoiler"), ("spoiler", "spoiler")),
        (("filter", "not-spoiler"), ("spoiler", "not-spoiler")),
        (("type", "posts"), ("type", "reply")),
        (("type", "sticky"), ("sticky", "sticky")),
        (("trip", "!x"), ("tripcode", "!x")),
        (("name", "Bob"), ("username", "Bob")),
        (("md5", "CdsWDPNH2+bTYx8Uhpv0Sg=="), ("image", "CdsWDPNH2-bTYx8Uhpv0Sg")),
        (("hash", "CdsWDPNH2-bTYx8Uhpv0Sg"), ("image", "CdsWDPNH2+bTYx8Uhpv0Sg")),
        (("TEXT", " cat "), ("text", "cat")),
        (("order", "new"), ("order", "desc")),
        (("order", "OLDEST"), ("order", "asc")),
        (("results", "threads"), ("results", "thread")),
        (("results", "post"), ("page", "7")),
        (("board", "g"), ("boards", "g")),
        (("boards[]", "g"), ("boards", "g")),
        (("boards", "g,po g"), ("boards", "g.po")),
        (("text", ""), ("subject", " ")),
        (("width", ">639"), ("width", ">= 640")),
        (("size", "2 MiB"), ("size", "2097152")),
        (("size", "<1k"), ("size", "<=1023")),
        (("extension", ".JPG"), ("extension", "jpg")),
        (("start", "2021-3-4"), ("start", "2021-03-04T00:00:00")),
        (("end", "2021"), ("end", "2021-12-31T23:59:59")),
        (("end", "2024-02"), ("end", "2024/02/29")),
        (("end", "2021-03-04 15:30"), ("end", "2021-03-04T15:30:59Z")),
    ],
)
def test_one_thing_has_several_names(given: tuple[str, str], meant: tuple[str, str]) -> None:
    assert asked(given) == asked(meant)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("filter", "nothing", "must be text, image, spoiler or not-spoiler"),
        ("order", "up", "must be newest or desc"),
        ("results", "images", "must be posts or"),
        ("boards", "g.nope", 'names a board "nope" that'),
        ("boards", "<b>", "names a board that this"),
        ("text", "a\0", "holds a character"),
        ("text", "a | -b", "cannot have a word to leave out"),
        ("op", "=whole", "cannot be asked for as a whole text"),
        ("tripcode", "!\ud800", "holds a character"),
        ("uid", "x" * 101, "at most 100 characters"),
        ("image", "abc", "must be the MD5"),
        ("extension", "a b", "must be the ending"),
        ("width", "wide", 'must be a number, with ">=" or "<=" before it'),
        ("width", "640k", 'must be a number, with ">=" or "<="'),
        ("width", ">=-1", "must be a number"),
        ("height", "2147483648", "must lie between 0 and 2147483647"),
        ("size", "2G", "must lie between 0 and 2147483647"),
        ("size", "99999999999999999999", "must be a number"),
        ("size", "12 apples", "must be a number"),
        ("length", "<0", "must lie between"),
        ("num", "0", "must lie between 1 and 2147483647"),
        ("tnum", ">5", "must be a number."),
        ("since4pass", "1999", "must be a year such as 2016"),
        ("capcode", "owner", "must be user or mod"),
        ("deleted", "maybe", "must be deleted or not-deleted"),
        ("start", "2021-02-30", "is no date of the calendar"),
        ("start", "0000-01-01", "must lie in a year from"),
        ("end", "9999-12-31", "must lie in a year from"),
        ("end", "yesterday", "must be a date such as"),
    ],
)
def test_says_what_is_wrong_with_a_field(key: str, value: str, why: str) -> None:
    with pytest.raises(InvalidSearch, match=re.escape(why)) as error:
        asked((key, value))
    assert error.value.key == key
    assert str(error.value).startswith(f'The search field "{key}"')


def test_fields_that_contradict_each_other() -> None:
    for pairs, key in (
        ((("start", "2021-03"), ("end", "2021-02")), "start"),
        ((("op", "cat"), ("type", "op")), "op"),
        ((("text", "a"), ("text", "b")), "text"),
        ((("name", "a"), ("username", "b")), "username"),
        ((("filter", "text"), ("filter", "image")), "file"),
        ((("order", "asc"), ("order", "desc")), "order"),
    ):
        with pytest.raises(InvalidSearch) as error:
            asked(*pairs)
        assert error.value.key == key
    assert asked(("text", "a"), ("text", "a"), ("text", "")) == asked(("text", "a"))


def test_what_means_nothing_is_named_and_what_is_for_others_is_not() -> None:
    found = read_query([("colour", "red"), ("x" * 99, "1"), ("empty", ""), *((key, "1") for key in ELSEWHERE)], KNOWN)
    assert found.ignored == ("colour", "x" * 50)
    assert found.query == Query()


def test_boards() -> None:
    assert asked(("boards", "g.λ.g"), ("board", "po")).boards == ("g", "λ", "po")
    assert asked(("boards", "po"), board="g").boards == ("g",)
    assert asked(("boards", "nope"), board="g").boards == ("g",)


def test_a_query_with_one_field_more_or_less() -> None:
    query = asked(("text", "cat"), ("width", ">=5"), ("order", "asc"), ("boards", "g"))
    assert query.without("text") == asked(("width", ">=5"), ("order", "asc"), ("boards", "g"))
    assert query.without("text").with_("text", "cat") == query
    assert query.with_("width", "<5").get("width") == asked(("width", "<=4")).get("width")


def test_every_choice_says_yes_or_no_of_every_post() -> None:
    """Two posts, one of which has nothing: each is one of a choice's values, and only one."""
    full = {"num": 5, "thread_num": 5, "subnum": 0, "capcode": "M", "spoiler": 1, "sticky": 1, "deleted": 1}
    ghost = {"num": 5, "thread_num": 5, "subnum": 2}
    for field in FIELDS:
        for row in ({**full, "media_hash": "x"}, {**ghost, "media_orig": "1.jpg"}):
            if options := field.kind.options:
                fitting = [value for value, _ in options if field.matches(value, Candidate(row, "bbcode"))]
                assert len(fitting) == 1, field.key


def test_dates_begin_and_end_with_their_first_and_last_second() -> None:
    start, end = BY_KEY["start"].kind, BY_KEY["end"].kind
    for text in ("1990", "2021", "2021-12", "2024-02-29", "2021-03-04T15:30", "2021-03-04T15:30:59", "2105-12-31"):
        assert start.read(text) <= end.read(text)
        for kind in (start, end):
            assert kind.read(kind.write(kind.read(text))) == kind.read(text)
    assert end.read("2021") + 1 == start.read("2022")
    assert end.read("2021-02") + 1 == start.read("2021-03-01")
    assert end.read("2021-03-04") + 1 == start.read("2021-03-05T00:00")
    assert end.read("2021-03-04T15:30") + 1 == start.read("2021-03-04T15:31:00")
