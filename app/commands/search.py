"""`koiwai search`: a search from the command line, by the same fields as on the pages and with the same results."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Final
from urllib.parse import quote

import click
import msgspec

from app.api.encode import encode
from app.api.posts import shaped
from app.api.search_answer import search_shape
from app.archive import LARGEST_SEARCH_PAGE, Archive
from app.boards import Pace
from app.commands.options import loaded_here, say
from app.errors import KoiwaiError, SettingsError, Unavailable
from app.model import Post
from app.search import FIELDS, read_query
from app.search.outcome import SearchResult
from app.search.query import ELSEWHERE
from app.search.snippets import snippet_of
from app.search.telling import about, found_line, reach_line
from app.settings import Settings
from app.telemetry import escaped
from app.urls import Links

_USUAL_LIMIT: Final = 25
_PATIENCE: Final = 2.0  # seconds without a word
_PAIR: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]*)=(.*)", re.DOTALL)


class _Fault(click.ClickException):
    """Statuses are those of grep: 1 says that nothing was found."""

    exit_code = 2


class _Away(click.ClickException):
    """Another attempt may succeed."""

    exit_code = 75  # EX_TEMPFAIL


class _Answer(msgspec.Struct, frozen=True):
    found: bool
    printed: Sequence[str]
    """For standard output."""
    told: Sequence[str] = ()
    """For standard error, so that a program that reads the hits does not meet it."""


@click.command(
    epilog=f"Fields: {', '.join(field.key for field in FIELDS)}, boards, order (desc, asc), results (thread)."
)
@click.argument("asked", metavar="WORDS... [FIELD=VALUE]...", nargs=-1, required=True)
@click.option("--board", "boards", metavar="NAME", multiple=True, help="Search this board; several may be named.")
@click.option(
    "--limit", type=click.IntRange(1, LARGEST_SEARCH_PAGE), default=_USUAL_LIMIT, help="How many to print (25)."
)
@click.option("--cursor", metavar="PLACE", help="Go on where an earlier search ended.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@click.pass_context
def search(
    context: click.Context,
    asked: Sequence[str],
    boards: Sequence[str],
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """Finds posts and prints a line for each, newest first.

    Words are looked for in comments; -- before them lets one begin with a minus. The status is 1 if nothing is found.
    """
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told in a line here
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal has every letter
    try:
        pairs = [*_pairs(asked), *(("boards", name) for name in boards)]
        answer = asyncio.run(_search(loaded_here().settings, pairs, limit, cursor, as_json=as_json))
        for line in answer.printed:
            say(line)
    except (_Fault, _Away):
        raise
    except click.ClickException as error:
        raise _Fault(error.message) from error
    for line in answer.told:
        click.echo(line, err=True)
    context.exit(0 if answer.found else 1)


def _pairs(arguments: Iterable[str]) -> list[tuple[str, str]]:
    """Fields with their values; all words together are those of the comment."""
    words, pairs = [], []
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise _Fault(f'"{escaped(argument)}" is not UTF-8 text.') from None
        pair = _PAIR.fullmatch(argument)
        if pair is None:
            words.append(argument)
        else:
            pairs.append((pair[1], pair[2]))
    return [("text", " ".join(words)), *pairs]


async def _search(
    settings: Settings, pairs: Sequence[tuple[str, str]], limit: int, cursor: str | None, *, as_json: bool
) -> _Answer:
    progress = asyncio.get_running_loop().call_later(_PATIENCE, lambda: click.echo("Searching ...", err=True))
    archive = Archive(settings, Pace(patience=0))
    try:
        await archive.open()
        try:
            result = await _result(archive, pairs, limit, cursor)
            if as_json:
                return _Answer(bool(result.posts), [await _document(archive, result)])
            lines = [_line(archive, result, post) for post in result.posts]
            return _Answer(bool(lines), lines, _told(archive, result, limit))
        finally:
            await archive.close()
    except SettingsError as error:
        raise (_Away if isinstance(error.__cause__, Unavailable) else _Fault)(str(error)) from error
    except KoiwaiError as error:
        raise (_Away if isinstance(error, Unavailable) else _Fault)(error.message) from error
    finally:
        progress.cancel()


async def _result(archive: Archive, pairs: Sequence[tuple[str, str]], limit: int, cursor: str | None) -> SearchResult:
    wanted = read_query(pairs, archive.boards)
    for key in (*wanted.ignored, *(key for key, _ in pairs if key in ELSEWHERE)):
        raise _Fault(
            f'There is no search field "{key}"; "koiwai search --help" lists them. '
            f'To look for such words, write text="{key}=...".'
        )
    if not wanted.query.filters:
        raise _Fault("Nothing to search for: give words, or fields such as username=Bob.")
    return await archive.search(wanted.query, limit=limit, cursor=cursor)


async def _document(archive: Archive, result: SearchResult) -> str:
    app = archive.settings.app
    links = Links(app.url or quote(app.root_path))
    shapes = await shaped(archive, result.posts, shared=links, pages=links)
    return msgspec.json.format(encode(await search_shape(archive, result, shapes)), indent=2).decode()


def _line(archive: Archive, result: SearchResult, post: Post) -> str:
    """`/g/123 2021-03-04 12:00 UTC Name !trip  Subject: the words around what was found…`"""
    time = datetime.fromtimestamp(max(0, post.time), timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    who = " ".join(filter(None, (post.name or "Anonymous", post.trip)))
    text = snippet_of(post.comment, archive.board(post.board).settings.comments, result.query).text
    if not text and post.media is not None:
        text = f"[{post.media.filename or 'file'}]"
    what = ": ".join(filter(None, (post.subject, text)))
    parts = (" ".join(part.split()) for part in (f"/{post.board}/{post.id} {time} {who}", what))
    return escaped("  ".join(parts).rstrip())


def _told(archive: Archive, result: SearchResult, limit: int) -> list[str]:
    """What was searched, what came of it, and how to go on."""
    told = [f"{about(result.query, archive.boards)}: {found_line(result)}. {reach_line(result)}"]
    if not result.query.boards:
        missing = [name for name, board in archive.boards.items() if not board.hidden and name not in result.boards]
        if missing:
            told.append(f"Not searched, because not available: {', '.join(f'/{name}/' for name in missing)}.")
    if result.cursor is not None:
        again = [f"{key}={value}" for key, value in result.query.pairs()]
        again += [] if limit == _USUAL_LIMIT else ["--limit", str(limit)]
        told.append(f"Go on with: koiwai search {shlex.join([*again, '--cursor', result.cursor])}")
    return [escaped(line) for line in told]
