"""A reader of pages that takes for granted what Dashchan does (FoolFuuka notes, sections 1 and 7).

It goes through a page from its start to its end and keeps one post in hand: an `article` with an id opens it, the
`div` of the class `text` ends it. Nearly everything in between is put into the post in hand without a look whether
there is one.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement
from msgspec import Struct, field

from tests.support.scraping import Broken, Scraped, inner, moment, parsed, read_file_line, words

_THREAD = re.compile(r"/\w+/(?:thread|post)/([0-9]+)/?(?:#.*)?$", re.ASCII)
_ATTACHMENT = re.compile(r"/\w+/image/[0-9]+/[0-9]+/[0-9]+\.\w+$", re.ASCII)
_REDIRECT = re.compile(r"You are being redirected to .*?/thread/([0-9]+)/#")


class ReadThread(Struct):
    """A thread of an index page: the posts shown, and how many posts and pictures there are with those left out."""

    posts: list[Scraped] = field(default_factory=list)
    count: int = 0
    images: int = 0


def read_threads(html: str) -> list[ReadThread]:
    """An index page."""
    reader = _Reader(threads=[])
    reader.walk(parsed(html))
    reader.close_thread()
    return reader.threads or []


def read_posts(html: str) -> list[Scraped]:
    """A thread page; a page without a post counts as a fault."""
    reader = _Reader()
    reader.walk(parsed(html))
    if not reader.posts:
        raise Broken("no post")
    return reader.posts


def read_search(html: str) -> list[Scraped]:
    reader = _Reader(searching=True)
    reader.walk(parsed(html))
    return reader.posts


def read_boards(html: str) -> list[tuple[str, str]]:
    """Names and titles of the front page: of every link behind the heading `Archives`."""
    boards, listing = [], False
    for element in parsed(html).iter("h2", "a"):
        if element.tag == "h2":
            listing = inner(element) == "Archives"
        elif listing:
            said = element.text_content().strip()[1:]
            name, slash, title = said.partition("/")
            if slash and not title[1:]:
                raise Broken(f"no title behind {said}")
            boards.append((name, title[1:]))
    return boards


def read_redirect(html: str) -> str | None:
    """The thread that a post's page leads to; None where it leads to no place in a thread."""
    match = _REDIRECT.search(html)
    return match and match[1]


def is_attachment(address: str) -> bool:
    """Whether the program knows this for the address of a file."""
    return _ATTACHMENT.search(address) is not None


class _Reader:
    def __init__(self, *, threads: list[ReadThread] | None = None, searching: bool = False) -> None:
        self.posts: list[Scraped] = []
        self.threads = threads
        self._searching = searching
        self._thread: ReadThread | None = None
        self._post: Scraped | None = None
        self._file: Scraped | None = None
        self._of_thread: str | None = None

    def close_thread(self) -> None:
        if self.threads is not None and self._thread is not None:
            self._thread.posts = self.posts
            self._thread.count += len(self.posts)
            self._thread.images += sum(post.width is not None or post.image is not None for post in self.posts)
            self.threads.append(self._thread)
            self.posts = []

    def walk(self, element: HtmlElement) -> None:
        if isinstance(element.tag, str) and not self._take(element):
            for child in element:
                self.walk(child)

    def _take(self, element: HtmlElement) -> bool:
        """Whether the element's content is read here, and not further."""
        tag, classes = element.tag, element.get("class", "")
        if tag == "article" and ("thread" in classes or "post" in classes):
            self._open(element.get("id"), classes)
        elif tag == "time":
            self._in_hand("time").time = moment(element)
        elif tag == "a" and element.get("data-function") == "quote" and self._searching:
            match = _THREAD.search(element.get("href", ""))
            self._in_hand("quote").thread = match and match[1]
        elif tag == "a" and classes == "thread_image_link":
            self._attached().image = element.get("href")
        elif tag == "img" and ("thread_image" in classes or "post_image" in classes):
            if self._file is None:
                raise Broken("a picture without a file")
            self._file.thumb = element.get("src")
        elif (tag, classes) in (("span", "post_author"), ("span", "post_tripcode"), ("span", "poster_hash")):
            if self._post is not None:
                self._name(self._post, classes, words(element))
                return True
        elif (tag, classes) == ("h2", "post_title"):
            self._in_hand("h2.post_title").subject = words(element) or None
            return True
        elif (tag, classes) == ("div", "post_file"):
            read_file_line(self._attached(), _behind_controls(element))
        elif (tag, classes) == ("div", "text"):
            self._end(inner(element).strip())
            return True
        elif tag == "span" and classes in ("omitted_posts", "omitted_images") and self.threads is not None:
            if self._thread is None:
                raise Broken(f"{classes} outside a thread")
            if classes == "omitted_posts":
                self._thread.count += int(inner(element))
            else:
                self._thread.images += int(inner(element))
            return True
        return False

    def _open(self, number: str | None, classes: str) -> None:
        if number is None:
            return
        self._post = Scraped(number.replace("_", "."))
        if "thread" in classes:
            self._of_thread = self._post.thread = self._post.id
            if self.threads is not None:
                self.close_thread()
                self._thread = ReadThread()
        else:
            self._post.thread = self._of_thread

    def _in_hand(self, what: str) -> Scraped:
        if self._post is None:
            raise Broken(f"{what} outside a post")
        return self._post

    def _attached(self) -> Scraped:
        if self._file is None:
            self._file = Scraped("")
        return self._file

    @staticmethod
    def _name(post: Scraped, classes: str, said: str) -> None:
        if classes == "post_author":
            post.name = said or None
        elif classes == "post_tripcode":
            post.trip = said or None
        else:
            post.poster = said[3:]

    def _end(self, comment: str) -> None:
        post = self._in_hand("div.text")
        post.comment = comment
        if self._file is not None:
            for key in ("image", "thumb", "file_name", "size", "width", "height"):
                setattr(post, key, getattr(self._file, key))
        self.posts.append(post)
        self._post = self._file = None


def _behind_controls(element: HtmlElement) -> str:
    """The line of a file without the links that stand before it."""
    html = inner(element)
    if '<span class="post_file_controls">' in html:
        html = html[html.index("</span>") + len("</span>") :]
    return words(parsed(f"<p>{html}</p>"))
