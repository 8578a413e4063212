"""A strict reader of Atom feeds (RFC 4287)."""

from datetime import datetime

import lxml.etree
import lxml.html

from tests.support.asgi import Answer

ATOM = "{http://www.w3.org/2005/Atom}"
HOST = "http://archive.example"
_ONE_OF_EACH = ("id", "title", "updated", "published", "author", "content")


def parsed(answer: Answer) -> lxml.etree._Element:
    """The feed, which must be what RFC 4287 asks for and a reader can rely on."""
    assert answer.status == 200, answer.body[:300]
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = lxml.etree.fromstring(answer.body)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(root.findall(ATOM + name)) == 1
    assert root.findtext(f"{ATOM}id") == links(root)["self"]
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        assert [len(entry.findall(ATOM + name)) for name in _ONE_OF_EACH] == [1] * len(_ONE_OF_EACH)
        assert entry.findtext(f"{ATOM}title") and entry.findtext(f"{ATOM}author/{ATOM}name")
        assert links(entry)["alternate"].startswith(("http://", "https://"))
        content = entry.find(f"{ATOM}content")
        assert (content.get("type"), len(content)) == ("html", 0)
        _check_content(content.text)
    times = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert all(datetime.fromisoformat(time).tzinfo for time in [*times, root.findtext(f"{ATOM}updated")])
    assert not times or max(times) == root.findtext(f"{ATOM}updated")
    assert len(set(ids(root))) == len(entries)
    return root


def links(element: lxml.etree._Element) -> dict[str, str]:
    return {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}


def ids(root: lxml.etree._Element) -> list[str]:
    return [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]


def _check_content(html: str) -> None:
    for element in lxml.html.fragment_fromstring(html, create_parent="div").iter():
        assert element.tag not in ("script", "style", "svg", "mark") and isinstance(element.tag, str)
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        for name in ("href", "src"):
            assert element.get(name, HOST).startswith(("http://", "https://", "ftp://"))
