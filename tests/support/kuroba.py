"""A reader of pages that takes for granted what KurobaEx does (FoolFuuka notes, sections 1 and 7).

It knows each page as a path of elements: from one to the next it looks only forward among the children of the same
element, and what it needs and does not find there ends everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from lxml.html import HtmlElement
from msgspec import Struct

from tests.support.scraping import Broken, Scraped, inner, moment, parsed, read_file_line, words

_QUOTE = re.compile(r"thread/([0-9]+)/#q([0-9]+)")
_PAGE = re.compile(r"/page/([0-9]+)/$")
_SMALL = re.compile(r"<small>(.*)</small>")
_SHOWN_OF_ALL = re.compile(r"([0-9]+) of [0-9]+")
_ALL = re.compile(r"([0-9]+) results found.$")
_SPOILER: Final = "spoiler"

Test = Callable[[HtmlElement], bool]


class SearchPage(Struct):
    posts: list[Scraped]
    total: int | None
    following: int | None
    """The number of the next page."""


def is_a(tag: str, **attributes: str) -> Test:
    """Elements of this kind with exactly these attributes; `class_` stands for `class`."""
    wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return lambda element: element.tag == tag and all(element.get(key) == wanted[key] for key in wanted)


class _Children:
    """The children of an element, of which the reader goes through one after the other."""

    def __init__(self, element: HtmlElement) -> None:
        self._left = [child for child in element if isinstance(child.tag, str)]

    def __bool__(self) -> bool:
        return bool(self._left)

    def has(self, test: Test) -> bool:
        return any(map(test, self._left))

    def to(self, test: Test, what: str) -> HtmlElement:
        """The next such element; those before it are passed over."""
        for place, child in enumerate(self._left):
            if test(child):
                del self._left[: place + 1]
                return child
        raise Broken(what)


def read_search(html: str, page: int = 1) -> SearchPage:
    root = parsed(html)
    if root.xpath("//*[@class='alert']//*[@class='alert-heading']"):
        raise Broken("an error: " + words(root.xpath("//*[@class='alert']")[0]))
    found = SearchPage([], None, None)
    frame = _Children(root).to(is_a("body"), "body")
    frame = _Children(frame).to(is_a("div", class_="container-fluid"), "container")
    main = _Children(_Children(frame).to(is_a("div", role="main"), "main"))
    if not main.has(is_a("article", class_="clearfix thread")):
        return found
    found.total = _total(inner(main.to(is_a("h3", class_="section_title"), "h3.section_title")))
    thread = _Children(main.to(is_a("article", class_="clearfix thread"), "article"))
    posts = _Children(thread.to(is_a("aside", class_="posts"), "aside.posts"))
    while True:
        post = _post(posts)
        if post is not None:
            found.posts.append(post)
        if not posts:
            break
    found.following = _following(main.to(is_a("div", class_="paginate"), "div.paginate"), page)
    return found


def _post(posts: _Children) -> Scraped | None:
    """None for one whose number is none to the program: a ghost post."""
    stub = posts.to(lambda each: each.tag == "div" and "post stub stub_doc_id" in each.get("class", ""), "stub")
    button = _Children(stub).to(is_a("button", class_="btn-toggle-post"), "button of a stub")
    article = posts.to(lambda each: each.tag == "article" and "post doc_id" in each.get("class", ""), "post")
    post = Scraped(article.get("id", ""), thread=button.get("data-thread-num"), board=article.get("data-board"))
    parts = _Children(_Children(article).to(is_a("div", class_="post_wrapper"), "post_wrapper"))
    if parts.has(is_a("div", class_="thread_image_box")):
        box = parts.to(is_a("div", class_="thread_image_box"), "thread_image_box")
        link = _Children(box).to(is_a("a", class_="thread_image_link"), "thread_image_link")
        pictures = _Children(link)
        if not pictures.has(is_a("div", class_="spoiler_box")):
            source = pictures.to(lambda each: each.tag == "img" and bool(each.get("src")), "img").get("src", "")
            if not source.startswith(("http://", "https://")):
                raise Broken(f"no whole address: {source}")
            post.thumb = source
    _header(post, _Children(_Children(parts.to(is_a("header"), "header")).to(is_a("div", class_="post_data"), "data")))
    post.comment = inner(parts.to(lambda each: each.tag == "div" and "text" in each.get("class", ""), "text"))
    return post if post.id.isdigit() else None


def _header(post: Scraped, parts: _Children) -> None:
    if parts.has(is_a("h2", class_="post_title")):
        post.subject = words(parts.to(is_a("h2", class_="post_title"), "title"))
    poster = _Children(parts.to(is_a("span", class_="post_poster_data"), "post_poster_data"))
    if poster.has(is_a("span", class_="post_author")):
        post.name = words(poster.to(is_a("span", class_="post_author"), "author"))
    if poster.has(is_a("span", class_="post_tripcode")):
        post.trip = words(poster.to(is_a("span", class_="post_tripcode"), "trip"))
    post.time = moment(_Children(parts.to(is_a("span", class_="time_wrap"), "time_wrap")).to(is_a("time"), "time"))
    link = parts.to(is_a("a", data_function="quote"), "the link to quote").get("href", "")
    match = _QUOTE.search(link)
    if match is None or match[1] != post.thread:
        raise Broken(f"bad link to quote: {link}")


def _total(heading: str) -> int | None:
    small = _SMALL.search(heading)
    match = small and (_SHOWN_OF_ALL.search(small[1]) or _ALL.search(small[1]))
    return int(match[1]) if match else None


def _following(paginate: HtmlElement, page: int) -> int | None:
    items = _Children(_Children(paginate).to(lambda each: each.tag == "ul" and not each.attrib, "ul"))
    numbers = []
    while True:
        for link in items.to(is_a("li"), "li").iterchildren("a"):
            match = _PAGE.search(link.get("href", ""))
            if match is not None and words(link).isdigit():
                numbers.append(int(match[1]))
        if not items:
            break
    place = numbers.index(page) + 1 if page in numbers else len(numbers)
    return numbers[place] if place < len(numbers) else None


def read_catalog(html: str) -> list[tuple[Scraped, int | None]]:
    """The OPs of an index page, each with the number of posts left out."""
    found = []
    for article in list(parsed(html).get_element_by_id("main").iter("article")):
        if "clearfix thread doc_id" not in article.get("class", "") or not article.get("id", "").isdigit():
            continue
        # The program looks at replies too where the OP lacks a name or a file, here as on FoolFuuka's own pages.
        for replies in article.findall("aside"):
            replies.drop_tree()
        post = Scraped(article.get("id", ""), thread=article.get("id"))
        for key, name in (("subject", "post_title"), ("name", "post_author"), ("trip", "post_tripcode")):
            (element, *_) = (*article.find_class(name), None)
            setattr(post, key, words(element) if element is not None else None)
        post.time = moment(_first(article.iter("time"), "time"))
        post.comment = inner(_first(article.find_class("text"), "text"))
        boxes = article.find_class("thread_image_box")
        if boxes:
            _catalog_file(post, boxes[0])
        omitted = [words(each) for each in article.xpath(".//*[@class='omitted_text']//*[@class='omitted_posts']")]
        found.append((post, int(omitted[0]) if omitted else None))
    return found


def _catalog_file(post: Scraped, box: HtmlElement) -> None:
    links, pictures = box.find_class("thread_image_link"), box.find_class("post_image") + box.find_class("thread_image")
    if links and pictures:
        line = _first(box.find_class("post_file"), "post_file")
        post.image, post.thumb = links[0].get("href"), pictures[0].get("src")
        read_file_line(post, (line.text or "").strip().removesuffix(","))
        post.file_name = words(_first(line.find_class("post_file_filename"), "name"))


def read_boards(html: str) -> list[tuple[str, str]]:
    """Names and titles of the front page. A board without a title would be left out."""
    for part in parsed(html).xpath("//*[contains(@class, 'pull-left')]"):
        if any("Archives" in (heading.text or "") for heading in part.iter("h2")):
            links = [each for each in part.iter("a") if (each.text or "").strip()[:1] == "/" and len(each)]
            return [((each.text or "").strip().strip("/"), each[0].text or "") for each in links if each[0].text]
    raise Broken("no list of archives")


def _first(elements: Iterable[HtmlElement], what: str) -> HtmlElement:
    for element in elements:
        return element
    raise Broken(what)
