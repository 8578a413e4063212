"""The pages of every writer's archive: each invented post as readers see it, and no markup but our own."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import html5lib
import lxml.html
import pytest
from msgspec import Struct

from app.demo.model import DemoPost
from app.demo.writers import WRITERS
from app.markup.mathml import ELEMENTS
from tests.support.expected import COUNTRY_NAMES, Expected
from tests.support.pages import is_own_script
from tests.support.reader import folded
from tests.support.shelf import Loaded, shelf_of

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
IN_COMMENTS = frozenset(["a", "strong", "em", "s", "u", "span", "br", "sub", "sup", "pre", "code", "div"])
NEVER = frozenset(["script", "style", "iframe", "object", "embed", "svg", "math", "base"])

DANGEROUS = re.compile("on.*|.*[:\"'<>=].*|srcdoc|srcset|formaction|action|background|ping|manifest", re.IGNORECASE)
"""Names of attributes that run or load something, and what broken quoting turns into attributes."""

FORMS = re.compile(r"/[\w%-]+/(search|catalog)/")
SCHEMES = re.compile(r"(https?://|/(?!/)|#|\?|mailto:)")
STYLES = re.compile(r"color:\s?#?[0-9A-Za-z]+;?")
CAPCODES = {"M": "## Mod", "A": "## Admin", "D": "## Developer", "V": "## Verified", "F": "## Founder",
            "G": "## Manager"}  # fmt: skip
_ODD = re.compile("[\x00-\x08\u202c\u202e\ufffd]")
"""Control characters and turns of direction, of which a page keeps only what harms nothing around it."""

_NOTE = re.compile(r' ?<span class="quote-note">[^<]*</span>|(?s:<semantics>.*?(?=<annotation ))')
"""What pages show beside the words of a post: notes after quotes, and formulas drawn as well as written."""

MATHML, SVG = "{http://www.w3.org/1998/Math/MathML}", "{http://www.w3.org/2000/svg}"


class Pages(Struct, frozen=True):
    """The pages of one writer's archive; those of the other databases are the same bytes (see test_writers)."""

    loaded: Loaded
    boards: dict[str, Expected]

    def html(self, address: str) -> str:
        return self.loaded.answers[address].decode()

    def each(self) -> Iterator[tuple[str, str]]:
        for address, body in self.loaded.answers.items():
            if not address.startswith("/api/"):
                yield address, body.decode()

    def posts(self) -> Iterator[tuple[Expected, DemoPost, Any, dict[str, Any]]]:
        """(board, what was invented, the post's own parts of its article, what the API says) for each post."""
        for name, board in self.boards.items():
            path = "%CE%BB" if name == "λ" else name
            for num, posts in board.threads().items():
                page = lxml.html.fromstring(_NOTE.sub("", self.html(f"/{path}/thread/{num}/")))
                posted = [article for article in page.iter("article") if article.get("data-doc-id")]
                articles = {article.get("id"): article for article in posted}
                assert list(articles) == [board.id(post) for post in posts]
                told = json.loads(self.loaded.answers[f"/api/v1/boards/{path}/threads/{num}?rendered=1"])["posts"]
                for post, seen in zip(posts, told, strict=True):
                    article = articles[board.id(post)]
                    for replies in article.xpath("./aside"):
                        article.remove(replies)
                    yield board, post, article, seen


@pytest.fixture(params=WRITERS)
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    shelf = shelf_of(request, tmp_path_factory)
    loaded = shelf.get(request, request.param, "sqlite")
    return Pages(loaded, {board.name: Expected(loaded.writer, board, shelf.pictures) for board in loaded.boards})


def test_posts(pages: Pages) -> None:
    for board, post, article, _ in pages.posts():
        expected, where = board.post(post), board.id(post)
        (time,) = article.xpath(".//time/@datetime")
        assert int(datetime.fromisoformat(time).timestamp()) == post.utc, where
        assert folded(article.find_class("post_author")[0].text_content()) == folded(expected["name"] or "Anonymous")
        assert _texts(article, "post_tripcode") == _some(expected["trip"]), where
        subjects = [_ODD.sub("", text) for text in _texts(article, "post_title")]
        assert subjects == _some(_ODD.sub("", expected["subject"] or "")), where
        assert _texts(article, "poster_hash") == _some(expected["poster_hash"] and f"ID:{expected['poster_hash']}")
        levels = [level.text_content() for level in article.xpath(".//*[contains(@class, 'post_level')]")]
        assert levels == _some(CAPCODES.get(expected["capcode"] or "")), where
        classes = set(article.get("class").split())
        assert ("post_ghost" in classes) == expected["ghost"]
        assert ("post_deleted" in classes) == expected["deleted"]
        for mark in ("sticky", "locked", "ghost", "deleted"):
            assert bool(article.find_class(f"mark_{mark}")) == expected[mark], (where, mark)
        assert bool(article.find_class("mark_sage")) == (expected["email"] == "sage")
        flags = [flag.text_content().strip() for flag in article.find_class("flag")]
        country = expected["country"]
        if country is not None and not country.startswith("<"):
            assert country in flags, where
        else:
            assert not {*flags} & {*COUNTRY_NAMES, *COUNTRY_NAMES.values()}, where


def test_files(pages: Pages) -> None:
    for board, post, article, _ in pages.posts():
        media, where = board.media(post), board.id(post)
        links = {unquote(link).rpartition("/")[2] for link in article.find_class("thread_image_link") for link in
                 [link.get("href")]}  # fmt: skip
        images = {
            unquote(source).rpartition("/")[2]
            for source in article.xpath(".//img[not(parent::*[contains(@class, 'flag')])]/@src")
        }
        names = article.find_class("post_file_filename")
        if media is None:
            assert not (links or images or names), where
            continue
        assert links == set(_some(media["image"])), where
        assert images == set() if media["spoiler"] else images == set(_some(media["thumb"])), where
        full = names[0].get("title") or names[0].text_content()
        if media["filename"] is not None and "\u202e" not in media["filename"]:
            assert folded(full) == folded(media["filename"]), where
        assert f"{media['width']}x{media['height']}" in article.find_class("post_file")[0].text_content()
        assert bool(article.find_class("banned_box")) == media["banned"]


def test_comments_and_backlinks(pages: Pages) -> None:
    for board, post, article, seen in pages.posts():
        (text,) = article.find_class("text")
        assert text.getnext() is None
        for br in text.iter("br"):
            br.tail = "\n" + (br.tail or "")
        assert folded(text.text_content()) == folded(seen["rendered"]["text"]), board.id(post)
        shown = [link.get("data-post") for link in article.xpath(".//div[@class='backlink_list']//a")]
        assert shown == board.backlinks(post), board.id(post)
        words = re.findall(r"\w{4,}", re.sub(r"\[[^\]]*\]|https?://\S+|&\S+;", " ", post.comment or ""))
        if not (post.comment or "").startswith("Hostile markup "):
            assert [word for word in words if word not in text.text_content()] == [], board.id(post)


def test_threads_that_the_list_lacks_are_found(pages: Pages) -> None:
    for name, board in pages.boards.items():
        for num in board.board.unlisted:
            assert board.threads()[num]
            listed = "_threads" not in pages.loaded.writer.suffixes
            for page in ("/", "/?order=creation", "/catalog/", "/gallery/"):
                assert (f'/{name}/thread/{num}/"' in pages.html(f"/{name}{page}")) == listed, page
            assert f"/{name}/thread/{num}/" in pages.loaded.answers


def test_addresses_of_posts_lead_to_their_threads(pages: Pages) -> None:
    asked = 0
    for name, board in pages.boards.items():
        path = "%CE%BB" if name == "λ" else name
        for post_id, post in board.kept.items():
            address = f"/{path}/post/{post_id}/"
            if address in pages.loaded.answers:
                anchor = "" if post.op else f"#{post_id}"
                (target,) = lxml.html.fromstring(pages.html(address)).xpath("//meta[@http-equiv='Refresh']/@content")
                assert target == f"0; url=http://archive.example/{path}/thread/{post.thread_num}/{anchor}"
                asked += 1
    assert asked > 4


def test_no_markup_but_our_own(pages: Pages) -> None:
    """As browsers parse it: no element, attribute or scheme that a post brought along."""
    hostile, foreign, own = 0, [], _own_elements()
    for address, html in pages.each():
        if _worth_parsing(address, html):
            hostile += "alert" in html or "onclick" in html
            foreign += [(address, *found) for found in _foreign(html, own)]
    assert foreign == []
    # On the board in HTML the attacks themselves are taken out, not shown.
    assert hostile >= 3 or pages.loaded.writer.html


def _own_elements() -> frozenset[str]:
    """All that our templates and comments are written in; browsers add `tbody` themselves."""
    written = "".join(template.read_text(encoding="utf-8") for template in TEMPLATES.glob("*.html"))
    formulas = {MATHML + name for name in ("math", "semantics", "annotation", *ELEMENTS)}
    drawings = {SVG + name for name in ("svg", "polyline")}
    return frozenset(re.findall(r"<([a-z][a-z0-9]*)", written)) - NEVER | IN_COMMENTS | {"tbody"} | formulas | drawings


def _foreign(html: str, own: frozenset[str]) -> Iterator[tuple[str, ...]]:
    root: Element = html5lib.parse(html, namespaceHTMLElements=False)
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield "comment", element.text or ""
        elif element.tag not in own and not is_own_script(element):
            yield "element", element.tag
        for name, value in element.attrib.items():
            if (
                (DANGEROUS.fullmatch(name) and not _is_own_form(element, name, value))
                or (name in ("href", "src") and not SCHEMES.match(value))
                or (name == "style" and not STYLES.fullmatch(value))
            ):
                yield "attribute", name, value


def _is_own_form(element: Element, name: str, value: str) -> bool:
    """Whether this attribute says where a form of ours leads."""
    return (element.tag, name) in (("form", "action"), ("button", "formaction")) and bool(FORMS.fullmatch(value))


def _worth_parsing(address: str, html: str) -> bool:
    """Lists, and threads with anything odd in them; the real parser is too slow for the hundreds of others."""
    if "/thread/" not in address:
        return "/post/" not in address and len(html) < 300_000
    return len(html) < 300_000 and any(word in html for word in ("alert", "spoiler", "onclick", "exif"))


def _texts(article: Any, name: str) -> list[str]:
    return [element.text_content() for element in article.find_class(name)]


def _some(value: str | None) -> list[str]:
    return [value] if value else []
