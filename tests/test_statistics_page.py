"""The statistics page: days become charts with their figures, lists lead on, and nothing of it is trusted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import lxml.etree
import msgspec
import pytest
from quart import Quart

from app.model import Post, PostId
from app.stats.model import BoardStatistics, Day, LargeThread, Poster, RepostedImage
from app.web.periods import periods_of
from app.web.statistics import FOOLFUUKAS
from app.web.statistics_charts import Series, bars, round_up, shares
from tests.support.asgi import ask
from tests.support.pages import EVIL, HASH, SHOWN, FakeArchive, app_of, having, one, page, text

EPOCH = date(1970, 1, 1)
MADE = 1_700_000_000
LAST = MADE // 86_400 + 1


def day(year: int, month: int, number: int, posts: int = 4, images: int = 1) -> Day:
    days = (date(year, month, number) - EPOCH).days
    return Day(days, posts, images, sage=1, names=1, trips=1, anonymous=posts - 2)


@pytest.mark.parametrize(
    ("days", "unit", "labels"),
    [
        ([day(2015, 3, 1)], "day", ["1 March 2015"]),
        ([day(2015, 3, 1), day(2015, 2, 27)], "day", ["27 February 2015", "28 February 2015", "1 March 2015"]),
        ([day(2014, 12, 31), day(2015, 6, 1)], "week", ["week of 29 December 2014", "week of 1 June 2015"]),
        ([day(2015, 1, 31), day(2018, 2, 1)], "month", ["January 2015", "February 2018"]),
        ([day(2004, 2, 29), day(2022, 1, 1)], "year", ["2004", "2022"]),
    ],
)
def test_days_are_put_together_to_what_a_chart_has_room_for(days: list[Day], unit: str, labels: list[str]) -> None:
    found = periods_of(days, LAST)
    assert (found.unit, found.left_out) == (unit, 0)
    assert [found.periods[0].label, found.periods[-1].label] == [labels[0], labels[-1]]
    assert unit != "day" or [period.label for period in found.periods] == labels
    assert len(found.periods) <= 130
    assert sum(period.posts for period in found.periods) == 4 * len(days)


def test_periods_have_no_gaps_and_hold_each_post_once() -> None:
    days = [Day(place, 3, 2, 1, 0, 1, 2) for place in range(14_000, 19_000, 7)]
    for few in (days[:14], days[:90], days):
        found = periods_of(few, LAST)
        assert len({period.label for period in found.periods}) == len(found.periods)
        for name in ("posts", "images", "sage", "names", "trips", "anonymous"):
            assert sum(getattr(one, name) for one in found.periods) == sum(getattr(one, name) for one in few)


def test_days_that_cannot_be_right_are_left_out_and_counted() -> None:
    odd = [Day(place, 5, 0, 0, 0, 0, 5) for place in (-3, 0, 10_000, LAST + 1, 49_710, 10**9)]
    found = periods_of([*odd, day(2015, 3, 1)], LAST)
    assert ([period.posts for period in found.periods], found.left_out) == ([4], 30)
    assert periods_of(odd, LAST).periods == ()


def test_bars_are_as_high_as_their_numbers() -> None:
    chart = bars("All", ["a", "b"], [Series("x", "a", (60, 0)), Series("y", "b", (40, 0))], ["A: <60>", "B"])
    drawing = lxml.etree.fromstring(str(chart.drawing))
    heights = [float(rect.get("height")) for rect in drawing.iter("rect")]
    assert heights == [pytest.approx(0.6 * 240), pytest.approx(0.4 * 240)]
    tops = [float(rect.get("y")) for rect in drawing.iter("rect")]
    assert tops == [pytest.approx(0.4 * 240), pytest.approx(0)]
    assert [title.text for title in drawing.iter("title")] == ["A: <60>"]
    assert (chart.scale.top, chart.scale.middle, chart.scale.first, chart.scale.last) == ("100", "50", "a", "b")


def test_lines_have_gaps_where_there_is_nothing_to_say() -> None:
    chart = shares("Share", ["a", "b", "c", "d"], [Series("x", "a", (0.0, 50.0, None, 100.0))])
    (line,) = (
        path for path in lxml.etree.fromstring(str(chart.drawing)).iter("path") if "chart_line" in path.get("class")
    )
    assert line.get("d") == "M0.0 240.0L333.3 120.0M1000.0 0.0h4"


@pytest.mark.parametrize(
    ("value", "end"), [(0, 1), (1, 1), (2, 2), (3, 5), (11, 20), (51, 100), (100, 100), (101, 200)]
)
def test_scales_end_at_round_numbers(value: int, end: int) -> None:
    assert round_up(value) == end


FOUND = BoardStatistics(
    "g",
    "computed",
    made=MADE,
    posts=12_345,
    since=1_300_000_000,
    until=1_690_000_000,
    days=(day(2015, 3, 1), day(2015, 3, 3)),
    countries=(("US", 9), ("Germany", 4), (EVIL, 1)),
    threads=(LargeThread(100, 2_000, 7, 1_400_000_000, EVIL), LargeThread(7, 20, 0, 0, "")),
    images=(RepostedImage(HASH, 512, 100), RepostedImage("x", 3, 999), RepostedImage("y", 2, 0)),
    posters=(Poster(EVIL, "", 5, 1, 2), Poster("Bob", "!trip", 4, 1, 2)),
)


class Archive(FakeArchive):
    found: BoardStatistics | None = FOUND

    async def statistics(self, board: Any, *, patience: float = 2.0) -> BoardStatistics | None:
        return self.found

    async def posts_by_id(self, board: Any, ids: Sequence[PostId]) -> dict[PostId, Post]:
        return {post.id: post for post in self.posts if post.id in ids}


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def app(archive: Archive) -> Quart:
    return app_of(archive)


async def test_the_page_says_what_its_figures_are_about(app: Quart, archive: Archive) -> None:
    for source, words in (
        ("computed", "Of all 12,345 posts, from 13 Mar 2011 07:06 to 22 Jul 2023 04:26 UTC, counted on 14 Nov 2023"),
        ("tables", "Of 12,345 posts, from 13 Mar 2011 07:06 to 22 Jul 2023 04:26 UTC, as the tables say"),
        ("sample", "Of the newest 12,345 posts only, from 13 Mar 2011"),
    ):
        archive.found = msgspec.structs.replace(FOUND, source=source)
        assert text(having(await page(app, "/g/statistics/"), "note")[0]).startswith(words)


@pytest.mark.parametrize("found", [None, BoardStatistics("g", "sample", MADE, 0, 0, 0)])
async def test_a_board_without_figures_says_so(app: Quart, archive: Archive, found: BoardStatistics | None) -> None:
    archive.found = found
    root = await page(app, "/g/statistics/")
    assert text(one(root, "empty")) == "There are no figures of this board yet."
    assert not list(root.iter("svg"))


async def test_every_chart_has_its_figures_in_a_table(app: Quart) -> None:
    root = await page(app, "/g/statistics/")
    charts = having(root, "chart")
    assert len(charts) == 3
    sections = [section for section in having(root, "statistic") if section.findall("div[@class='chart']")]
    rows = [[text(cell) for cell in row] for row in sections[0].iter("tr")]
    assert rows == [
        ["Day", "Posts", "With a file", "Sage"],
        ["1 March 2015", "4", "1", "1"],
        ["3 March 2015", "4", "1", "1"],
    ]
    rows = [[text(cell) for cell in row] for row in sections[2].iter("tr")]
    assert rows[1] == ["1 March 2015", "50.0 %", "25.0 %", "25.0 %"]
    assert all(svg.get("aria-label") for svg in root.iter("svg") if svg.get("role") == "img")


async def test_lists_name_the_largest_and_lead_to_them(app: Quart) -> None:
    root = await page(app, "/g/statistics/")
    lists = {section.get("id"): section for section in having(root, "statistic")}
    rows = {
        name: [
            ([text(cell) for cell in row], [link.get("href") for link in row.iter("a")]) for row in section.iter("tr")
        ]
        for name, section in lists.items()
    }
    shown = " ".join(SHOWN.split())
    assert rows["countries"][1:3] == [
        (["United States", "9"], ["/g/search/?country=US"]),
        (["Germany", "4"], ["/g/search/?country=DE"]),
    ]
    assert rows["threads"][1][1] == ["/g/thread/100/"]
    assert rows["threads"][1][0][0].startswith(shown)
    assert rows["threads"][2][0][0].startswith("No. 7 ")
    assert [links for _, links in rows["posters"][2:]] == [["/g/search/?tripcode=%21trip"]]
    # The second's post is gone; of the third no post is known, but it was posted.
    shown_file, named_file = having(root, "tile")
    assert (shown_file[0].get("href"), text(shown_file)) == ("/g/image/_b-d_f_hijklmnopqrstu_/", "512 times")
    assert (named_file[0].get("href"), text(named_file)) == ("/g/image/y/", "Its posts 2 times")


async def test_lists_of_the_newest_posts_say_so(app: Quart, archive: Archive) -> None:
    archive.found = msgspec.structs.replace(FOUND, source="tables", sampled=("countries", "threads"))
    assert await notes(app) == {
        "countries": ["Of the newest posts only, at most 5,000."],
        "threads": ["Of the threads with the most of the newest posts, at most 5,000; all their posts."],
        "images": [],
        "posters": [],
    }
    archive.found = msgspec.structs.replace(FOUND, source="sample", sampled=("countries", "threads", "posters"))
    found = await notes(app)
    assert (found["countries"], found["posters"]) == ([], [])  # as the page says of all of them
    assert found["images"] == ["Of all posts, as the table of pictures counts them."]
    archive.found = FOUND
    assert not any((await notes(app)).values())


async def notes(app: Quart) -> dict[str | None, list[str]]:
    """What lists say of themselves, by their part of the page."""
    sections = having(await page(app, "/g/statistics/"), "statistic")
    lists = {section.get("id"): [text(note) for note in having(section, "note")] for section in sections}
    return {name: said for name, said in lists.items() if name in ("countries", "threads", "images", "posters")}


async def test_times_that_are_not_known_are_not_told(app: Quart, archive: Archive) -> None:
    posters = (Poster("A", "", 3, 1_300_000_000, 0), Poster("B", "", 2, 0, 0), Poster("C", "", 1, 1, 1_300_000_000))
    archive.found = msgspec.structs.replace(FOUND, posters=posters)
    (rows,) = [part for part in having(await page(app, "/g/statistics/"), "statistic") if part.get("id") == "posters"]
    told = [text(row) for row in rows.iter("tr")][1:]
    assert told == ["A since 13 Mar 2011 07:06 3", "B 2", "C 1 Jan 1970 00:00 to 13 Mar 2011 07:06 1"]


async def test_a_file_that_was_banned_since_is_not_shown(app: Quart, archive: Archive) -> None:
    first = archive.posts[0]
    assert first.media is not None
    archive.posts = [msgspec.structs.replace(first, media=msgspec.structs.replace(first.media, banned=True))]
    tiles = having(await page(app, "/g/statistics/"), "tile")
    assert [tile[0].get("href") for tile in tiles] == ["/g/image/y/"]  # of which no post is known


async def test_foolfuukas_pages_lead_to_their_parts(app: Quart) -> None:
    ids = {element.get("id") for element in (await page(app, "/g/statistics/")).iter()}
    for name, part in FOOLFUUKAS.items():
        answer = await ask(app, f"/g/statistics/{name}/")
        assert (answer.status, answer.headers["location"]) == (302, f"/g/statistics/#{part}")
        assert part in ids
    assert (await ask(app, "/g/statistics/karma/")).status == 404
    assert (await ask(app, "/nowhere/statistics/")).status == 404
