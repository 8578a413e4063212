"""What is said of a search and of what came of it."""

import pytest

from app.model import BoardSummary
from app.search import read_query
from app.search.outcome import Outcome, SearchResult
from app.search.telling import about, board_label, found_line, reach_line

BOARDS = {
    name: BoardSummary(name, title, True, 1, 1, 1, new_york=new_york, hidden=name == "hid")
    for name, title, new_york in (
        ("g", "Technology", True),
        ("po", "po", False),
        ("late", "Late", None),
        ("hid", "Hidden", True),
    )
}
MANY = {f"b{n}": BoardSummary(f"b{n}", "", True, 1, 1, 1, new_york=True) for n in range(9)}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "boards=g&text=Router&username=Bob&start=2021-03-04",
            "Posts on /g/ - Technology with “Router” in the comment, by “Bob”, from 2021-03-04 on (New York time)",
        ),
        ("boards=po&end=2021-03", "Posts on /po/ until 2021-03-31 (UTC)"),
        (
            "boards=g.po&start=2020&end=2021&length=>=9",
            "Posts on /g/ and /po/ from 2020-01-01 until 2021-12-31 (by each board's clock), "
            "with at least 9 characters in the comment",
        ),
        ("boards=late&start=2020", "Posts on /late/ - Late from 2020-01-01 on (by each board's clock)"),
        ("boards=g.po.hid&type=op", "Posts on /g/, /po/ and /hid/ that open a thread"),
        ("file=with", "Posts on all boards with a file"),
        ("boards=g.po.late&file=with", "Posts on all boards with a file"),
        (
            "results=thread&order=asc&text=a | b&boards=g",
            "Threads on /g/ - Technology that have posts with “a | b” in the comment, oldest first",
        ),
        ("boards=po&start=2020-03-04&end=2020-03-04", "Posts on /po/ on 2020-03-04 (UTC)"),
        ("uid=\u202ex&type=op", "Posts on all boards with the ID “\u202ex”\u202c, that open a thread"),
        (
            "length=1&width=1&height=>=21&size=<=1",
            "Posts on all boards with a file 1 pixel wide, with a file at least 21 pixels high, "
            "with a file of at most 1 byte, with 1 character in the comment",
        ),
        ('subject="a b"&country=nl', 'Posts on all boards with "a b" in the subject, from the country “NL”'),
        ("username==Bob&country=somewhere", "Posts on all boards by exactly “Bob”, from the country “somewhere”"),
    ],
)
def test_what_is_searched_for(asked: str, said: str) -> None:
    pairs = [(key, value) for key, _, value in (pair.partition("=") for pair in asked.split("&"))]
    assert about(read_query(pairs, BOARDS).query, BOARDS) == said


def test_many_boards_are_counted() -> None:
    query = read_query([("boards", ".".join([*MANY][:7])), ("text", "x")], MANY).query
    assert about(query, MANY) == "Posts on 7 boards with “x” in the comment"


@pytest.mark.parametrize(
    ("outcome", "total", "exact", "reached", "asked", "lines"),
    [
        ("found", 1, True, None, "", "1 post found | All of it was searched."),
        ("found", 1234, True, None, "", "1,234 posts found | All of it was searched."),
        ("found", 26, False, 1614880200, "", "More than 25 posts found | Searched back to 2021-03-04 17:50 UTC."),
        (
            "found",
            26,
            False,
            0,
            "results=thread",
            "More than 25 threads found | Searched back to 1970-01-01 00:00 UTC.",
        ),
        ("found", 1, False, None, "", "At least 1 post found | Not all of it was searched."),
        ("nothing found", 0, True, None, "", "No posts found | All of it was searched."),
        ("stopped early", 0, False, 1614880200, "", "No posts found so far | Searched back to 2021-03-04 17:50 UTC."),
        (
            "stopped early",
            2,
            False,
            1614880200,
            "order=asc",
            "2 posts found so far | Searched from the oldest post up to 2021-03-04 17:50 UTC.",
        ),
    ],
)
def test_what_came_of_it(
    outcome: Outcome, total: int, exact: bool, reached: int | None, asked: str, lines: str
) -> None:
    key, _, value = asked.partition("=")
    query = read_query([(key, value), ("text", "x")], BOARDS).query
    result = SearchResult(query, ("g",), outcome, (), total, exact, None if exact else "c", reached)
    assert f"{found_line(result)} | {reach_line(result)}" == lines


def test_boards_are_called_by_name_and_title() -> None:
    assert [board_label(board) for board in BOARDS.values()][:2] == ["/g/ - Technology", "/po/"]
