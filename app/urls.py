"""Every address of the site, in one place.

A `Links` value turns boards, numbers and names into addresses. Each piece of text is percent-encoded here
(UTF-8), so that no caller can put a raw string into an address.
"""

from __future__ import annotations

from urllib.parse import quote

from msgspec import Struct

from app.model import PostId


def segment(text: str) -> str:
    """One path segment or query value, percent-encoded; characters that UTF-8 cannot hold become `?`."""
    if text.isascii() and text.isalnum():
        return text
    return quote(text, safe="", errors="replace")


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

    def static(self, name: str) -> str:
        return f"{self.base}/static/{segment(name)}"

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

    def catalog(self, board: str, *, before: str = "", after: str = "") -> str:
        """Threads with pictures and words, from the newest or next to a cursor."""
        return f"{self.board(board)}catalog/{_query(before=before, after=after)}"

    def gallery(self, board: str, number: int = 1, *, before: str = "", after: str = "") -> str:
        """Pictures of threads by creation: page `number`, or next to a cursor."""
        page = f"{number}/" if number > 1 else ""
        return f"{self.board(board)}gallery/{page}{_query(before=before, after=after)}"

    def thread(self, board: str, num: int, anchor: PostId | None = None) -> str:
        """A thread, or one post's place in it."""
        place = "" if anchor is None else f"#{anchor}"
        return f"{self.board(board)}thread/{num}/{place}"

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

    def image(self, board: str, name: str) -> str:
        """The full file, laid out as Asagi does (Asagi schema notes, section 5.1)."""
        return f"{self.board(board)}image/{_layout(name)}"

    def thumb(self, board: str, name: str) -> str:
        return f"{self.board(board)}thumb/{_layout(name)}"

    def live_thread(self, host: str, board: str, num: int) -> str:
        """The thread on the live site, whatever our own base is."""
        return f"https://{quote(host, safe=':')}/{segment(board)}/thread/{num}"

    def _listed(self, board: str, order: str, before: str, after: str) -> str:
        folder = self.ghost(board) if order == "ghost" else self.board(board)
        return folder + _query(before=before, after=after, order=_spoken(order))


def _spoken(order: str) -> str:
    """The order as it must be named in an address: bump needs no word, ghost has an address of its own."""
    return "" if order in ("bump", "ghost") else order


def _query(**values: str) -> str:
    pairs = [f"{key}={segment(value)}" for key, value in values.items() if value]
    return "?" + "&".join(pairs) if pairs else ""


def _layout(name: str) -> str:
    return f"{segment(name[0:4])}/{segment(name[4:6])}/{segment(name)}"
