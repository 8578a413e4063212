"""Every address of the site, in one place.

A `Links` value turns boards, numbers and names into addresses. Each piece of text is percent-encoded here
(UTF-8), so that no caller can put a raw string into an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from msgspec import Struct

from app.media_layout import Kind, Layout, stored_at
from app.model import PostId
from app.settings import ArchiveSettings

_unreserved: Final = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII).fullmatch
"""What `quote` would leave as it is, in a tenth of its time."""


def segment(text: str) -> str:
    """One path segment or query value, percent-encoded; characters that UTF-8 cannot hold become `?`."""
    return text if _unreserved(text) else quote(text, safe="", errors="replace")


def path_of(segments: Iterable[str]) -> str:
    """Several segments with slashes between them, each percent-encoded."""
    return "/".join(map(segment, segments))


def urlsafe_hash(media_hash: str) -> str:
    """The form of a media hash used in addresses: `-` and `_` for `+` and `/`, no padding."""
    return media_hash.replace("+", "-").replace("/", "_").rstrip("=")


class Links(Struct, frozen=True):
    """Addresses below `base`.

    `base` is "" or "/sub/path" for links inside our pages, or "https://host/sub" for absolute ones. It has
    no slash at its end and is percent-encoded already.
    """

    base: str

    def home(self) -> str:
        return f"{self.base}/"

    def api(self) -> str:
        """The page that explains the API."""
        return f"{self.base}/api/"

    def api_document(self) -> str:
        """The OpenAPI document of the API."""
        return f"{self.base}/api/openapi.json"

    def filled(self, path: str, values: Mapping[str, str]) -> str:
        """An address of the API: its path, which begins with a slash, with each `{name}` in it replaced."""
        return self.base + path.format_map({name: segment(value) for name, value in values.items()})

    def static(self, name: str, version: str = "") -> str:
        return f"{self.base}/static/{segment(name)}{_query(v=version)}"

    def flag(self, code: str) -> str:
        """The picture of a country's flag; `code` in lower case."""
        return f"{self.base}/_/flag/{segment(code)}"

    def favicon(self) -> str:
        return f"{self.base}/favicon.ico"

    def about(self) -> str:
        return f"{self.base}/_/about/"

    def help(self) -> str:
        """What can be done with the keyboard, and how to search."""
        return f"{self.base}/_/help/"

    def random(self, board: str = "") -> str:
        """Leads to a thread by chance, of one board or of any."""
        return f"{self.base}/_/random/{_query(board=board)}"

    def sitemap(self, board: str = "", part: int = 0) -> str:
        """The index of the site's maps for search engines, or one of them: a board's threads from number `part` on."""
        if not board:
            return f"{self.base}/sitemap.xml"
        return f"{self.base}/_/sitemap/{segment(board)}/{part}.xml"

    def board(self, board: str) -> str:
        return f"{self.base}/{segment(board)}/"

    def index(self, board: str, order: str = "bump") -> str:
        """First page of a board's threads in `order`: bump, creation or ghost."""
        return self._listed(board, order, "", "")

    def page(self, board: str, number: int, order: str = "bump") -> str:
        """Page `number` (from 1) of a board's threads in `order`: bump, creation or ghost."""
        if number == 1:
            return self.index(board, order)
        if order == "ghost":
            return self.ghost(board, number)
        return f"{self.board(board)}page/{number}/{_query(order=_spoken(order))}"

    def index_before(self, board: str, cursor: str, order: str = "bump") -> str:
        """Threads that come after `cursor` in the list, that is older ones."""
        return self._listed(board, order, cursor, "")

    def index_after(self, board: str, cursor: str, order: str = "bump") -> str:
        """Threads that come just before `cursor` in the list, that is newer ones."""
        return self._listed(board, order, "", cursor)

    def ghost(self, board: str, number: int = 1) -> str:
        return f"{self.board(board)}ghost/" + (f"{number}/" if number > 1 else "")

    def catalog(self, board: str, **values: str) -> str:
        """Threads with pictures and words; `values` are its parameters, those that are "" left out."""
        return f"{self.board(board)}catalog/{_query(**values)}"

    def gallery(self, board: str, number: int = 1, **values: str) -> str:
        """Pictures of threads by creation, page `number` or as `values`, its parameters, say."""
        page = f"{number}/" if number > 1 else ""
        return f"{self.board(board)}gallery/{page}{_query(**values)}"

    def statistics(self, board: str, name: str = "") -> str:
        """A board in numbers, or one of its statistics by FoolFuuka's name for it."""
        return f"{self.board(board)}statistics/" + (f"{segment(name)}/" if name else "")

    def feed(self, board: str) -> str:
        """The board's newest threads as an Atom feed."""
        return f"{self.board(board)}feed.atom"

    def thread_feed(self, board: str, num: int) -> str:
        """The newest posts of a thread as an Atom feed."""
        return f"{self.thread(board, num)}feed.atom"

    def download(self, board: str, num: int, kind: str) -> str:
        """A thread to keep: `kind` is html (all in one file) or zip (its pictures). For JSON there is `thread_json`."""
        return f"{self.thread(board, num)}download.{kind}"

    def thread_json(self, board: str, num: int, after: PostId | None = None) -> str:
        """A thread, or the part of it behind one of its posts, as our API tells it."""
        place = "" if after is None else str(after)
        return f"{self.base}/api/v1/boards/{segment(board)}/threads/{num}{_query(after=place)}"

    def thread(self, board: str, num: int, anchor: PostId | None = None) -> str:
        """A thread, or one post's place in it."""
        place = "" if anchor is None else f"#{anchor}"
        return f"{self.board(board)}thread/{num}/{place}"

    def quoted_post(self, board: str, thread: int, num: int) -> str:
        """A post's place in its thread in the form that 4chan's clients take apart."""
        return f"{self.base}/{segment(board)}/thread/{thread}#p{num}"

    def thread_after(self, board: str, num: int, after: PostId) -> str:
        """The part of a very long thread that follows the post `after`."""
        return f"{self.board(board)}thread/{num}/?after={after}"

    def last(self, board: str, count: int, num: int) -> str:
        """The OP and the last `count` posts of thread `num`."""
        return f"{self.board(board)}last/{count}/{num}/"

    def deleted(self, board: str, num: int) -> str:
        return f"{self.board(board)}deleted/{num}/"

    def post(self, board: str, post: PostId) -> str:
        """The page that leads to a post in its thread, where the thread is not known."""
        return f"{self.board(board)}post/{post}/"

    def hash(self, board: str, media_hash: str, before: PostId | None = None) -> str:
        """Posts with the same file. `media_hash`: base64 MD5 in either alphabet."""
        older = "" if before is None else str(before)
        return f"{self.board(board)}image/{segment(urlsafe_hash(media_hash))}/{_query(before=older)}"

    def search(self, board: str | None = None, pairs: Iterable[tuple[str, str]] = (), *, feed: bool = False) -> str:
        """A search on the page of one board, or on that of all of them; `pairs` are its keys and values.

        With `feed` the same search as an Atom feed.
        """
        folder = f"{self.base}/_/" if board is None else self.board(board)
        given = "&".join(f"{segment(key)}={segment(value)}" for key, value in pairs)
        return f"{folder}search/{'feed.atom' if feed else ''}{'?' if given else ''}{given}"

    def search_by_path(self, board: str | None, pairs: Iterable[tuple[str, str]]) -> str:
        """A search in FoolFuuka's form, `/g/search/text/cat/page/2/`; no value may be empty."""
        folder = f"{self.base}/_/" if board is None else self.board(board)
        return f"{folder}search/{path_of(part for pair in pairs for part in pair)}/"

    def full_image(self, board: str, name: str) -> str:
        """Leads to a stored file by the name it had on the live site."""
        return f"{self.board(board)}full_image/{segment(name)}"

    def opensearch(self) -> str:
        """What browsers read to search here by themselves."""
        return f"{self.base}/_/opensearch/"

    def file(self, layout: Layout, kind: Kind, board: str, name: str) -> str:
        """A media file that this server has: its place below the media folder, behind `_/media` where boards share."""
        shared = ("_", "media") if layout == "sutra" else ()
        return f"{self.base}/{path_of((*shared, *stored_at(layout, board, kind, name)))}"

    def banner(self) -> str:
        """The operator's picture at the top of pages."""
        return f"{self.base}/_/banner"

    def _listed(self, board: str, order: str, before: str, after: str) -> str:
        folder = self.ghost(board) if order == "ghost" else self.board(board)
        return folder + _query(before=before, after=after, order=_spoken(order))


def contact_link(contact: str) -> str:
    """The link to a mail address, or to an http(s) address as it is."""
    if contact.startswith(("http://", "https://")):
        return quote(contact, safe=":/?#[]@!$&'()*+,;=%~", errors="replace")
    return f"mailto:{quote(contact, safe='@+', errors='replace')}"


_FOURCHAN: Final = "boards.4chan.org"
_FOURCHAN_FILES: Final = "i.4cdn.org"


class LiveLinks(Struct, frozen=True):
    """Addresses on the live site, made of the operator's patterns, whatever our own base is; None where it has none."""

    site: ArchiveSettings
    without: frozenset[str] = frozenset()
    """Names of the boards that come from elsewhere."""

    def board(self, board: str) -> str | None:
        return self._filled(self.site.board_url, board)

    def thread(self, board: str, num: int) -> str | None:
        return self._filled(self.site.thread_url, board, thread=str(num))

    def post(self, board: str, thread: int, num: int) -> str | None:
        """A post's place in its thread. The live site has no ghost posts."""
        return self._filled(self.site.post_url, board, thread=str(thread), post=str(num))

    def quoted(self, board: str, num: int | None = None) -> str:
        """A board there, or a post of it, as FoolFuuka links to boards it has not: without a scheme."""
        place = "" if num is None else f"thread/{num}"
        return f"//{self.site.host}/{segment(board)}/{place}"

    def file(self, board: str, name: str) -> str | None:
        """A file there, where the live site is 4chan: of no other is it known where files are."""
        if self.site.host != _FOURCHAN or board in self.without:
            return None
        return f"https://{_FOURCHAN_FILES}/{segment(board)}/{segment(name)}"

    def _filled(self, pattern: str, board: str, **values: str) -> str | None:
        if not pattern or board in self.without:
            return None
        return pattern.format(host=self.site.host, board=segment(board), **values)


def _spoken(order: str) -> str:
    """The order as it must be named in an address: bump needs no word, ghost has an address of its own."""
    return "" if order in ("bump", "ghost") else order


def same_address(values: Mapping[str, str]) -> str:
    """The address that is being answered with another query, of at least one value: a reference relative to it."""
    return _query(**values)


def with_values(address: str, values: Mapping[str, str]) -> str:
    """An address of ours, with these values in its query in the place of others of their names."""
    kept = [(key, value) for key, value in parse_qsl(urlsplit(address).query) if key not in values]
    return urlsplit(address).path + _query(**{**dict(kept), **values})


def _query(**values: str) -> str:
    pairs = [f"{segment(key)}={segment(value)}" for key, value in values.items() if value]
    return "?" + "&".join(pairs) if pairs else ""
