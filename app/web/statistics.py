"""A board in numbers: charts, and behind each of them its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from quart import Blueprint, Response

from app.context import current_archive, page_links
from app.countries import country_of
from app.errors import NotFound
from app.media_links import MediaLinks
from app.model import PostId
from app.stats.glance import SAMPLE
from app.stats.model import BoardStatistics
from app.times import to_the_minute
from app.urls import Links
from app.web.board_page import render_board
from app.web.file_view import TILE_THUMB, FileView, file_view
from app.web.periods import Period, Periods, periods_of
from app.web.render import redirect_to
from app.web.statistics_charts import Chart, Series, bars, shares
from app.web.text import counted, fit, one_line

if TYPE_CHECKING:
    from app.board import Board

_SECONDS: Final = 86_400
_SHOWN: Final = 50
"""Rows of a list of the largest."""

_PICTURES: Final = 24
_SUBJECT: Final = 100
_NAME: Final = 60

FOOLFUUKAS: Final = MappingProxyType(
    {
        "activity": "posts",
        "availability": "posters",
        "countries": "countries",
        "image-reposts": "images",
        "largest-threads": "threads",
        "new-users": "posters",
        "population": "names",
        "post-count": "posters",
        "post-rate": "posts",
        "users-online": "posters",
    }
)
"""Names of FoolFuuka's statistics pages, each with the part of ours that says the same."""


class Table(Struct, frozen=True):
    """The figures behind a chart."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ChartView(Struct, frozen=True):
    """A chart as the template prints it."""

    id: str
    title: str
    chart: Chart
    table: Table


class Row(Struct, frozen=True, gc=False):
    """A line of a list: a share of the largest is drawn as a bar."""

    text: str
    href: str | None
    figure: str
    share: float
    """0 to 100, of the largest."""
    note: str = ""


class Picture(Struct, frozen=True, gc=False):
    """A file that was posted often."""

    href: str
    figure: str
    label: str
    file: FileView | None


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/statistics/", view_func=statistics, strict_slashes=False)
    blueprint.add_url_rule("/<board>/statistics/<name>/", view_func=one_of_foolfuukas, strict_slashes=False)


async def one_of_foolfuukas(board: str, name: str) -> Response:
    """FoolFuuka has a page for each of its statistics; here they are parts of one page."""
    known = current_archive().board(board)
    if name not in FOOLFUUKAS:
        raise NotFound("There is no such statistic.")
    return redirect_to(f"{page_links().statistics(known.name)}#{FOOLFUUKAS[name]}")


async def statistics(board: str) -> Response:
    archive, links = current_archive(), page_links()
    known = archive.board(board)
    found = await archive.statistics(known)
    if found is None or not found.posts:
        return render_board("statistics.html", known, page_name="Statistics", tab="statistics", told="", charts=())
    periods = periods_of(found.days, found.made // _SECONDS + 1)
    return render_board(
        "statistics.html",
        known,
        page_name="Statistics",
        tab="statistics",
        told=_told(found),
        left_out=periods.left_out,
        charts=_charts(periods),
        countries=_countries(found, links, board),
        threads=_threads(found, links, board),
        pictures=await _pictures(known, found),
        posters=_posters(found, links, board),
        abouts=_abouts(found),
    )


def _told(found: BoardStatistics) -> str:
    """What the numbers are about."""
    posts = counted(found.posts, "post")
    range_ = f"from {to_the_minute(found.since)} to {to_the_minute(found.until)} UTC"
    if found.source == "sample":
        return f"Of the newest {posts} only, {range_}. The whole board has not been counted yet."
    if found.source == "tables":
        return f"Of {posts}, {range_}, as the tables say that the archive's own scraper has kept."
    return f"Of all {posts}, {range_}, counted on {to_the_minute(found.made)} UTC."


def _abouts(found: BoardStatistics) -> dict[str, str]:
    """By list what it is about, where that is not what `_told` says; "" for the others."""
    about = dict.fromkeys(("countries", "threads", "images", "posters"), "")
    if found.source == "tables":
        about |= dict.fromkeys(found.sampled, f"Of the newest posts only, at most {SAMPLE:,}.")
    elif found.source == "sample" and "images" not in found.sampled:
        about["images"] = "Of all posts, as the table of pictures counts them."
    if "threads" in found.sampled:
        about["threads"] = f"Of the threads with the most of the newest posts, at most {SAMPLE:,}; all their posts."
    return about


def _charts(periods: Periods) -> tuple[ChartView, ...]:
    if not periods.periods:
        return ()
    every = periods.periods
    labels = [period.label for period in every]
    unit = periods.unit
    posts = bars(
        f"Posts by {unit}, with and without a file, from {labels[0]} to {labels[-1]}",
        labels,
        (
            Series("with a file", "a", tuple(period.images for period in every)),
            Series("without", "b", tuple(period.posts - period.images for period in every)),
        ),
        [f"{period.label}: {counted(period.posts, 'post')}, {period.images:,} with a file" for period in every],
    )
    pictures = shares(
        f"Share of posts with a file by {unit}", labels, (_share("with a file", "a", every, lambda one: one.images),)
    )
    names = shares(
        f"Share of posts without a name, with a name, and with a tripcode by {unit}",
        labels,
        (
            _share("anonymous", "b", every, lambda one: one.anonymous),
            _share("with a name", "a", every, lambda one: one.names),
            _share("with a tripcode", "c", every, lambda one: one.trips),
        ),
    )
    head = unit.capitalize()
    return (
        ChartView(
            "posts",
            f"Posts by {unit}",
            posts,
            Table(
                (head, "Posts", "With a file", "Sage"),
                tuple((one.label, f"{one.posts:,}", f"{one.images:,}", f"{one.sage:,}") for one in every if one.posts),
            ),
        ),
        ChartView(
            "files",
            "Posts with a file",
            pictures,
            Table((head, "With a file"), tuple((one.label, _percent(one.images, one)) for one in every if one.posts)),
        ),
        ChartView(
            "names",
            "Names, tripcodes, anonymous",
            names,
            Table(
                (head, "Anonymous", "With a name", "With a tripcode"),
                tuple(
                    (one.label, *(_percent(count, one) for count in (one.anonymous, one.names, one.trips)))
                    for one in every
                    if one.posts
                ),
            ),
        ),
    )


def _share(name: str, style: str, every: Sequence[Period], count: Callable[[Period], int]) -> Series:
    return Series(name, style, tuple(100 * count(one) / one.posts if one.posts else None for one in every))


def _percent(count: int, period: Period) -> str:
    return f"{100 * count / period.posts:.1f} %"


def _countries(found: BoardStatistics, links: Links, board: str) -> list[Row]:
    rows = []
    for stored, posts in found.countries[:_SHOWN]:
        code, name = country_of(fit(stored))
        href = links.search(board, [("country", code)]) if len(code) == 2 and code.isalpha() else None
        rows.append(_row(name or fit(stored), href, posts, found.countries[0][1]))
    return rows


def _threads(found: BoardStatistics, links: Links, board: str) -> list[Row]:
    return [
        _row(
            one_line(thread.subject, _SUBJECT) or f"No. {thread.num}",
            links.thread(board, thread.num),
            thread.posts,
            found.threads[0].posts,
            f"{counted(thread.images, 'file')}, {to_the_minute(thread.created)}",
        )
        for thread in found.threads[:_SHOWN]
    ]


def _posters(found: BoardStatistics, links: Links, board: str) -> list[Row]:
    rows = []
    for poster in found.posters[:_SHOWN]:
        pair = ("tripcode", poster.trip) if poster.trip else ("username", f"={poster.name}")
        rows.append(
            _row(
                " ".join(part for part in (one_line(poster.name, _NAME), fit(poster.trip)) if part),
                links.search(board, [pair]),
                poster.posts,
                found.posters[0].posts,
                _seen(poster.first, poster.last),
            )
        )
    return rows


def _seen(first: int, last: int) -> str:
    """When somebody posted, as far as that is known."""
    if first and last:
        return f"{to_the_minute(first)} to {to_the_minute(last)}"
    return f"since {to_the_minute(first)}" if first else ""


def _row(text: str, href: str | None, count: int, largest: int, note: str = "") -> Row:
    return Row(text, href, f"{count:,}", 100 * count / max(1, largest), note)


async def _pictures(board: Board, found: BoardStatistics) -> list[Picture]:
    """The files posted most often, as far as they may be shown today, each by one of its posts where one is known."""
    archive, links = current_archive(), page_links()
    files = MediaLinks(links, archive.settings)
    wanted = found.images[: 2 * _PICTURES]
    posts = await archive.posts_by_id(board, [PostId(image.num, image.subnum) for image in wanted if image.num])
    pictures = []
    for image in wanted:
        post = posts.get(PostId(image.num, image.subnum))
        media = post.media if post else None
        if image.num and (media is None or media.banned or media.hash != image.media_hash):
            continue
        pictures.append(
            Picture(
                href=links.hash(board.name, image.media_hash),
                figure=f"{image.total:,} times",
                label=f"File posted {image.total:,} times",
                file=file_view(post, links, files, longest_side=TILE_THUMB) if post else None,
            )
        )
    return pictures[:_PICTURES]
