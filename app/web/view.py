"""A post as templates print it: every string made once, so that a template only puts them in place.

The classes and attributes follow what readers and programs know from FoolFuuka's pages (see
`templates/post.html`); nothing in a view is escaped except `comment`, which is HTML already, and texts in which
the words of a search are marked: those are Markup too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from msgspec import Struct

from app.countries import country_of
from app.exif import Exif, read_exif
from app.markup import Spans, marked
from app.media_links import MediaLinks
from app.model import Post, PostId
from app.quotelinks import comment_html
from app.search.words import Words
from app.times import shown, to_the_minute
from app.urls import Links, LiveLinks
from app.web.file_view import OP_THUMB, REPLY_THUMB, FileView, file_view
from app.web.flag import flags
from app.web.text import fit

if TYPE_CHECKING:
    from app.conversation import Conversation

_CAPCODES: Final = MappingProxyType(
    {
        "M": ("post_level post_level_moderator", "## Mod"),
        "A": ("post_level post_level_administrator", "## Admin"),
        "D": ("post_level post_level_developer", "## Developer"),
        "V": ("post_level post_level_verified", "## Verified"),
        "F": ("post_level post_level_founder", "## Founder"),
        "G": ("post_level post_level_manager", "## Manager"),
    }
)
"""Class and label of each capcode letter (Asagi schema notes, section 6.2)."""

_NOTHING: Final = Markup()


class Mark(Struct, frozen=True, gc=False):
    """A small label beside the post number."""

    classes: str
    text: str
    title: str
    picture: str | None = None
    """The address of a country's flag."""


class Backlink(Struct, frozen=True, gc=False):
    """A post of the same thread that quotes this one."""

    href: str
    post: str
    text: str


class Action(Struct, frozen=True, gc=False):
    """A link beside the post number."""

    href: str
    text: str
    outside: bool = False
    """Whether it leads to the live site."""


class PostView(Struct, frozen=True):
    """What `templates/post.html` prints of one post; None and "" print nothing."""

    classes: str
    anchor: str
    """The post's `id` on the page: `123`, or `123_1` for a ghost post."""
    shown_id: str
    """The number as shown: `123`, or `123,1`."""
    board: str
    doc_id: int
    thread_num: int
    opens_thread: bool
    """Whether the post is the OP that its replies are nested in."""
    board_href: str | None
    """Set where posts stand outside their thread and their board is to be named."""
    subject: str | None
    author: str
    trip: str | None
    poster_id: str | None
    level: tuple[str, str] | None
    """Class and label of the capcode."""
    sage: bool
    machine_time: str
    time: str
    time_title: str
    href: str
    quote_href: str
    marks: tuple[Mark, ...]
    actions: tuple[Action, ...]
    file: FileView | None
    file_name: str
    """The file's name as shown, with marks; "" without a file."""
    backlinks: tuple[Backlink, ...]
    comment: Markup
    exif: tuple[tuple[str, str], ...]


class PostViews:
    """Makes the views of one page's posts, all of which are in `conversation`.

    `anonymous` is what posters without a name are called. `words` are those of a search, by its fields text,
    subject, username, filename and op; where they stand in a post, they are marked.
    """

    def __init__(
        self,
        links: Links,
        conversation: Conversation,
        *,
        files: MediaLinks,
        anonymous: str,
        live: LiveLinks,
        words: Mapping[str, Words] | None = None,
    ) -> None:
        self._links = links
        self._conversation = conversation
        self._files = files
        self._anonymous = anonymous
        self._live = live
        self._words = words or {}
        self._threads: dict[tuple[str, int], str] = {}

    def opening(self, post: Post, actions: tuple[Action, ...] = ()) -> PostView:
        """The view of an OP whose replies are nested in it."""
        return self._view(post, opens_thread=True, actions=actions)

    def reply(self, post: Post) -> PostView:
        return self._view(post)

    def found(self, post: Post) -> PostView:
        """The view of a post that stands outside its thread, with its board named."""
        actions = [Action(self._place(post, post.id), "View")]
        if not post.ghost:
            there = self._live.post(post.board, post.thread_num, post.num)
            if there is not None:
                actions.append(Action(there, f"View on {fit(self._live.site.name)}", outside=True))
        return self._view(post, board_href=self._links.board(post.board), actions=tuple(actions))

    def _view(
        self,
        post: Post,
        *,
        opens_thread: bool = False,
        board_href: str | None = None,
        actions: tuple[Action, ...] = (),
    ) -> PostView:
        conversation = self._conversation
        anchor = str(post.id)
        thread = self._thread(post)
        when = shown(post.time)
        exif = read_exif(post.exif) if post.exif else None
        backlinks = conversation.backlinks.get((post.board, post.id))
        file = file_view(post, self._links, self._files, longest_side=OP_THUMB if opens_thread else REPLY_THUMB)
        return PostView(
            classes=_classes(post, opens_thread),
            anchor=anchor,
            shown_id=_shown_id(post.id),
            board=post.board,
            doc_id=post.doc_id,
            thread_num=post.thread_num,
            opens_thread=opens_thread,
            board_href=board_href,
            subject=self._marked("subject", post, fit(post.subject).strip()) if post.subject else None,
            author=self._marked("username", post, fit(post.name)) if post.name else self._anonymous,
            trip=fit(post.trip) if post.trip else None,
            poster_id=fit(post.poster_hash) if post.poster_hash else None,
            level=_level(post.capcode) if post.capcode else None,
            sage=post.email is not None and post.email.strip().lower() == "sage",
            machine_time=when.machine,
            time=when.utc,
            time_title=f"4chan Time: {when.new_york}",
            href=f"{thread}#{anchor}",
            quote_href=f"{thread}#q{anchor}",
            marks=_marks(post, exif, self._links),
            actions=actions,
            file=file,
            file_name=self._marked("filename", post, file.name) if file is not None else "",
            backlinks=tuple(_backlink(thread, quoting) for quoting in backlinks) if backlinks else (),
            comment=(
                comment_html(self._links, conversation.boards, conversation, post, self._spans("text", post))
                if post.comment
                else _NOTHING
            ),
            exif=exif.table if exif else (),
        )

    def _marked(self, key: str, post: Post, text: str) -> str:
        """The text; as Markup where words of the search field `key` stand in it."""
        spans = self._spans(key, post)
        return text if spans is None else Markup(marked(text, spans))

    def _spans(self, key: str, post: Post) -> Spans | None:
        """Where to mark a text that the search field `key` looks into."""
        if not self._words:
            return None
        words = self._words.get(key)
        if post.op and key in ("text", "subject") and (about := self._words.get("op")) is not None:
            # Whole texts have no words to look for; else the words of both fields count.
            words = about if words is None or words.whole is not None else Words(words.all_of + about.all_of)
        return None if words is None else words.spans

    def _thread(self, post: Post) -> str:
        key = (post.board, post.thread_num)
        href = self._threads.get(key)
        if href is None:
            href = self._threads[key] = self._links.thread(post.board, post.thread_num)
        return href

    def _place(self, post: Post, anchor: PostId) -> str:
        return self._thread(post) if post.op else f"{self._thread(post)}#{anchor}"


def _shown_id(post: PostId) -> str:
    return f"{post.num},{post.subnum}" if post.subnum else str(post.num)


def _backlink(thread: str, quoting: PostId) -> Backlink:
    return Backlink(f"{thread}#{quoting}", str(quoting), f">>{_shown_id(quoting)}")


def _classes(post: Post, opens_thread: bool) -> str:
    classes = "clearfix thread" if opens_thread else "post"
    classes += f" doc_id_{post.doc_id}"
    if post.op:
        classes += " post_is_op"
    if post.ghost:
        classes += " post_ghost"
    if post.media is not None:
        classes += " has_image"
    if post.deleted:
        classes += " post_deleted"
    return classes


def _level(capcode: str) -> tuple[str, str]:
    return _CAPCODES.get(capcode) or ("post_level", f"## {fit(capcode)}")


def _marks(post: Post, exif: Exif | None, links: Links) -> tuple[Mark, ...]:
    if not (post.sticky or post.locked or post.deleted or post.subnum or post.country or exif):
        return ()
    marks = []
    if post.sticky:
        marks.append(Mark("mark mark_sticky icon-pushpin", "sticky", "Pinned to the top of the board"))
    if post.locked:
        marks.append(Mark("mark mark_locked icon-lock", "locked", "The thread was closed for replies"))
    if post.ghost:
        marks.append(Mark("mark mark_ghost", "ghost", "Posted in this archive, not on the live site"))
    if post.deleted:
        noticed = f" {to_the_minute(post.expired)}" if post.expired else ""
        title = "Deleted on the live site" + (", noticed at this time (UTC)" if noticed else "")
        marks.append(Mark("mark mark_deleted icon-trash", f"deleted{noticed}", title))
    if post.country:
        marks.append(_country(fit(post.country), links))
    if exif is not None:
        if exif.flag is not None:
            code, name = exif.flag
            marks.append(Mark("mark flag", fit(code), f"Flag: {fit(name)}"))
        if exif.since4pass is not None:
            marks.append(Mark("mark mark_pass", f"pass {exif.since4pass}", f"Pass user since {exif.since4pass}"))
    return tuple(marks)


def _country(stored: str, links: Links) -> Mark:
    """Most writers store a two-letter code, some the country's English name; each is shown as it is stored."""
    code, name = country_of(stored)
    if len(code) != 2 or not (code.isascii() and code.isalnum()):
        return Mark("mark flag", stored, "Country")
    small = code.lower()
    return Mark(
        f"mark flag flag-{small}",
        code if len(stored) == 2 else stored,
        name or f"Country: {code}",
        links.flag(small) if small in flags() else None,
    )
