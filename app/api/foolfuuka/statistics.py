"""Statistics as FoolFuuka's plugin answers them (FoolFuuka notes, section 9)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from quart import Response

from app.api.answering import answer
from app.api.foolfuuka.asking import asked_board, given
from app.api.foolfuuka.errors import Unacceptable
from app.api.foolfuuka.shapes import (
    FoolActivity,
    FoolCountry,
    FoolLargeThread,
    FoolMoment,
    FoolNames,
    FoolNewUser,
    FoolPopulation,
    FoolPostCount,
    FoolPostRate,
    FoolRate,
    FoolRepost,
    FoolStatistic,
    FoolStatisticName,
    FoolStatistics,
)
from app.api.posts import tagged_comment
from app.context import current_archive
from app.labels import tells_of
from app.model import Post, PostId
from app.stats.model import BoardStatistics, Day, Moment

if TYPE_CHECKING:
    from app.board import Board

_DAY: Final = 86_400
_YEAR: Final = 365  # days
_MOST_COUNTED: Final = 512
_NEW_FROM: Final = 31  # posts
_RATE: Final = "post-rate"
_RATE_TITLE: Final = "Post Rate"
_NOT_AVAILABLE: Final = "Statistic currently not available."


async def statistics() -> Response:
    """Which there are, or one of them; raises Unacceptable for one that is not to be had."""
    name = given("stat")
    if name is None:
        titles = {**{name: title for name, (title, _) in _SCHEDULED.items()}, _RATE: _RATE_TITLE}
        return answer(FoolStatistics([{name: title} for name, title in titles.items()]))
    board = asked_board()
    tells_of(board.name)
    if name == _RATE:
        return answer(FoolStatistic(FoolStatisticName(_RATE_TITLE), await _post_rate(board)))
    found = await current_archive().statistics(board) if name in _SCHEDULED else None
    if found is None:
        raise Unacceptable(_NOT_AVAILABLE)
    title, make = _SCHEDULED[name]
    return answer(FoolStatistic(FoolStatisticName(title, str(found.made)), await make(board, found)))


async def _activity(board: Board, found: BoardStatistics) -> FoolActivity:
    recent = await current_archive().recent(board)
    return FoolActivity(
        board=_moments(recent.posts) if recent else [],
        ghost=_moments(recent.ghosts) if recent else [],
        karma=_days(_last_year(found.days)),
        total=_days(found.days),
    )


async def _population(board: Board, found: BoardStatistics) -> FoolPopulation:
    return FoolPopulation(_names(_last_year(found.days)), _names(found.days))


async def _countries(board: Board, found: BoardStatistics) -> list[FoolCountry]:
    return [FoolCountry(country, str(posts)) for country, posts in found.countries]


async def _reposts(board: Board, found: BoardStatistics) -> list[FoolRepost]:
    """A file of which no post is known has its hash and total alone."""
    posts = await _posts(board, [PostId(image.num, image.subnum) for image in found.images if image.num])
    reposts = []
    for image in found.images:
        post = posts.get(PostId(image.num, image.subnum))
        media = post.media if post else None
        shared = media.shared if media else None
        reposts.append(
            FoolRepost(
                media_id=str(media.id if media and shared else 0),
                media_hash=image.media_hash,
                media=media.image if media else None,
                preview_op=shared.preview_op if shared else None,
                preview_reply=shared.preview_reply if shared else None,
                total=str(image.total),
                banned="0",
            )
        )
    return reposts


async def _threads(board: Board, found: BoardStatistics) -> list[FoolLargeThread]:
    archive = current_archive()
    posts = await _posts(board, [PostId(thread.num) for thread in found.threads])
    threads = []
    for thread in found.threads:
        first = posts.get(PostId(thread.num))
        threads.append(
            FoolLargeThread(
                thread_num=str(thread.num),
                time_op=str(thread.created),
                nreplies=str(thread.posts),
                nimages=str(thread.images),
                sticky="1" if first and first.sticky else "0",
                locked="1" if first and first.locked else "0",
                title=first.subject if first else None,
                comment=tagged_comment(archive, first) if first else None,
            )
        )
    return threads


async def _post_count(board: Board, found: BoardStatistics) -> list[FoolPostCount]:
    anonymous = current_archive().settings.site.anonymous_name
    return [
        FoolPostCount(poster.name or anonymous, poster.trip, str(poster.posts))
        for poster in found.posters[:_MOST_COUNTED]
    ]


async def _new_users(board: Board, found: BoardStatistics) -> list[FoolNewUser]:
    anonymous = current_archive().settings.site.anonymous_name
    known = [poster for poster in found.posters if poster.posts >= _NEW_FROM]
    return [
        FoolNewUser(poster.name or anonymous, poster.trip, str(poster.first), str(poster.posts))
        for poster in sorted(known, key=lambda poster: -poster.first)
    ]


async def _post_rate(board: Board) -> FoolPostRate:
    recent = await current_archive().recent(board)
    if recent is None:
        raise Unacceptable(_NOT_AVAILABLE)
    return FoolPostRate([_rate(recent.last_hour)], [_rate(recent.last_hour_ghosts)])


async def _posts(board: Board, ids: Sequence[PostId]) -> Mapping[PostId, Post]:
    """Those that can be found without reading the whole board."""
    if not (board.small or board.tables.posts.has_index("num")):
        return {}
    return await current_archive().posts_by_id(board, ids)


def _rate(posts: int) -> FoolRate:
    return FoolRate(str(posts), f"{posts / 60:.4f}")


def _last_year(days: Sequence[Day]) -> list[Day]:
    first = int(time.time()) // _DAY - _YEAR
    return [day for day in days if day.day > first]


def _days(days: Sequence[Day]) -> list[FoolMoment]:
    return [FoolMoment(str(day.day * _DAY), str(day.posts), str(day.images), str(day.sage)) for day in days]


def _moments(moments: Sequence[Moment]) -> list[FoolMoment]:
    return [FoolMoment(*map(str, (moment.time, moment.posts, moment.images, moment.sage))) for moment in moments]


def _names(days: Sequence[Day]) -> list[FoolNames]:
    return [FoolNames(str(day.day * _DAY), str(day.trips), str(day.names), str(day.anonymous)) for day in days]


_Make = Callable[["Board", BoardStatistics], Awaitable[object]]
_SCHEDULED: Final[Mapping[str, tuple[str, _Make]]] = MappingProxyType(
    {
        "activity": ("Activity", _activity),
        "countries": ("Countries", _countries),
        "image-reposts": ("Image Reposts", _reposts),
        "largest-threads": ("Largest Threads", _threads),
        "new-users": ("New Users", _new_users),
        "population": ("Population", _population),
        "post-count": ("Post Count", _post_count),
    }
)
"""What is made of a board's statistics: names, each with its title and what makes its data."""
