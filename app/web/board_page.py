"""What the pages of one board share: its heading, its tabs, and the views of its posts."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from quart import Response

from app.context import absolute_links, current_archive, live_links, page_links
from app.media_links import MediaLinks, media_on
from app.model import BoardSummary, Post
from app.search import Query
from app.search.telling import board_label
from app.search.words import Words
from app.urls import Links
from app.web.render import Card, Crumb, render
from app.web.text import excerpt, fit, one_line
from app.web.view import PostViews

if TYPE_CHECKING:
    from app.board import Board
    from app.conversation import Conversation

_TITLE: Final = 70
"""Characters of a subject or a comment that go into a window title."""

_KEYS: Final = MappingProxyType({"bump": "i", "catalog": "c", "gallery": "g"})
"""Keys of the keyboard that lead to a board's lists, as the page of help tells."""


class Tab(Struct, frozen=True, gc=False):
    """One of a board's lists."""

    text: str
    href: str
    current: bool
    outside: bool = False
    """Whether it leads to the live site."""
    key: str = ""
    """The key that leads there, for the script; "" for none."""


def render_board(
    template: str,
    board: Board,
    *,
    page_name: str = "",
    tab: str = "",
    title: str | None = None,
    last_modified: int | None = None,
    card: Card | None = None,
    **values: Any,
) -> Response:
    """A page of `board`, made of a template that extends `board.html`.

    `page_name` says which of the board's pages this is; `title`, where given, stands in the window title in
    place of the board's label and `page_name`. `tab`: bump, creation, ghost, catalog, gallery, statistics, search or
    "". `card`, where it is not given, is that of the list that `tab` names.
    """
    about, links = current_archive().boards[board.name], page_links()
    label = board_label(about)
    return render(
        template,
        title=title or " - ".join(part for part in (label, page_name) if part),
        board=board.name,
        last_modified=last_modified,
        card=card or _card(about, page_name, tab),
        crumbs=[Crumb(label, links.board(board.name)), Crumb(page_name)] if page_name else [Crumb(label)],
        heading=label,
        board_href=links.board(board.name),
        page_name=page_name,
        described=tab not in ("", "search", "statistics"),
        tabs=_tabs(board.name, tab),
        veiled=about.nsfw and media_on(current_archive().settings, board.name),
        **values,
    )


def _card(board: BoardSummary, page_name: str, tab: str) -> Card | None:
    """Every page of a list goes by the address of its first: where a page begins changes with each new thread."""
    links = absolute_links()
    listed = {
        "bump": links.index(board.name),
        "creation": links.index(board.name, "creation"),
        "ghost": links.ghost(board.name),
        "catalog": links.catalog(board.name),
        "gallery": links.gallery(board.name),
        "statistics": links.statistics(board.name),
    }
    if tab not in listed:
        return None
    site = current_archive().settings.site.name
    return Card(
        listed[tab],
        description=fit(board.description or f"{page_name or 'Threads'} of {board_label(board)}, kept by {site}."),
    )


def _tabs(board: str, current: str) -> tuple[Tab, ...]:
    links, live = page_links(), live_links().board(board)
    own = (
        Tab(text, href, name == current, key=_KEYS.get(name, ""))
        for name, text, href in (
            ("bump", "Threads", links.index(board)),
            ("creation", "New threads", links.index(board, "creation")),
            ("ghost", "Ghost posts", links.ghost(board)),
            ("catalog", "Catalog", links.catalog(board)),
            ("gallery", "Gallery", links.gallery(board)),
            ("statistics", "Statistics", links.statistics(board)),
            ("search", "Search", links.search(board)),
            ("random", "Random", links.random(board)),
        )
    )
    return (*own, *([Tab("Live board", live, current=False, outside=True)] if live else []))


async def post_views(
    posts: Sequence[Post], *, query: Query | None = None, links: Links | None = None
) -> tuple[PostViews, Conversation]:
    """A maker of views for `posts`, which has looked up what they quote.

    The words of `query`, the search that found them, are marked. Addresses start as `links` do, by default as
    those of our pages.
    """
    archive, links = current_archive(), links or page_links()
    conversation = await archive.conversation(posts)
    views = PostViews(
        links,
        conversation,
        files=MediaLinks(links, archive.settings),
        anonymous=fit(archive.settings.site.anonymous_name),
        live=live_links(),
        words={each.field.key: each.value for each in query.filters if isinstance(each.value, Words)} if query else {},
    )
    return views, conversation


def thread_title(board: Board, num: int, first: Post | None, conversation: Conversation) -> str:
    """`/g/ - subject - No. 123`, with the beginning of the comment where there is no subject."""
    said = ""
    if first is not None and first.subject:
        said = one_line(fit(first.subject), _TITLE)
    elif first is not None:
        said = excerpt(conversation.comments.get((first.board, first.id)), _TITLE)
    return " - ".join(part for part in (f"/{board.name}/", said, f"No. {num}") if part)
