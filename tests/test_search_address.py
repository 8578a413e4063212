"""Addresses of searches: two forms that mean the same, and one that is linked to."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model import BoardSummary
from app.search import FIELDS, InvalidSearch
from app.web.params import LONGEST_FORM
from app.web.search_address import is_canonical, path_pairs, query_pairs, read_asking
from tests.support.asgi import Answer, ask
from tests.support.pages import document, having, one, text
from tests.support.searching import alert, fields, filled, page_of, places, sqlite_stage, summary
from tests.support.stage import Running, Stage, stage

__all__ = ["sqlite_stage", "stage"]

BOARDS = {name: BoardSummary(name, name, True, 1, 1, 1) for name in ("g", "po", "x")}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "pairs"),
    [
        ("/g/search/", []),
        ("/g/search/text", []),
        ("/g/search/text/", []),
        ("/g/search/text/cat", [("text", "cat")]),
        ("/g/search/text/cat/username/", [("text", "cat")]),
        ("/g/search/text//username/Bob/", [("text", ""), ("username", "Bob")]),
        ("/g/search/text/a%2Fb+c%2525/", [("text", "a/b+c%25")]),
        ("/%CE%BB/search/te%78t/%CE%BB%FF", [("text", "λ\ufffd")]),
        ("/g/search/text/%ED%A0%80/x/y/", [("text", "\ufffd\ufffd\ufffd"), ("x", "y")]),
    ],
)
def test_a_path_is_read_as_it_was_sent(path: str, pairs: list[tuple[str, str]]) -> None:
    assert path_pairs(path.encode(), "") == pairs
    assert path_pairs(b"/sub/%C3%A9" + path.encode(), "/sub/é/") == pairs


def test_a_query_string_is_read_to_its_last_byte() -> None:
    assert query_pairs("text=a+b%2Bc&x&λ=%CE%BB&z=%FF".encode()) == [
        ("text", "a b+c"),
        ("x", ""),
        ("λ", "λ"),
        ("z", "\ufffd"),
    ]
    assert query_pairs(b"text=\xff") == [("text", "\ufffd")]


LEADS = {
    "/g/search/?text=": "/g/search/",
    "/g/search?text=": "/g/search/",
    "/g/search/?text=router&username=&width=": "/g/search/?text=router",
    "/g/search/?username=bob&text=router": "/g/search/?text=router&username=bob",
    "/g/search/?boards=po&text=router": "/g/search/?text=router",
    "/g/search/?text=router&order=desc&results=&page=1": "/g/search/?text=router",
    "/g/search/?text=router&order=oldest&page=2&view=gallery": "/g/search/?text=router&order=asc&page=2&view=gallery",
    "/g/search/?text=router&file=without&view=gallery": "/g/search/?text=router&file=without",
    "/g/search/?filter=text&trip=!a&text=%20Router%20": "/g/search/?text=Router&tripcode=%21a&file=with",
    "/g/search/?text=router&theme=dark&uid=": "/g/search/?text=router&theme=dark",
    "/_/search/?boards=po&boards=g&text=paper": "/_/search/?boards=po.g&text=paper",
    "/_/search/?boards%5B%5D=po&text=paper": "/_/search/?boards=po&text=paper",
    "/_/search/?boards=po&boards=g&boards=x&text=paper": "/_/search/?text=paper",
    "/g/search/?q=router": "/g/search/?text=router",
    "/g/search/?q=%20": "/g/search/",
    "/_/search/?q=a%26b": "/_/search/?text=a%26b",
    "/g/search/?q=100": "/g/thread/100/",
    "/_/search/?q=%3E%3E%3E/g/110": "/g/thread/100/#110",
}


async def test_query_strings_lead_to_the_one_that_is_linked_to(sqlite_stage: Stage) -> None:
    sqlite_stage.board("x")
    async with filled(sqlite_stage) as running:
        for address, target in LEADS.items():
            answer = await running.ask(address, 302)
            assert answer.headers["location"] == target, address
            await running.ask(target.partition("#")[0])


async def test_both_forms_are_one_page(stage: Stage) -> None:
    async with filled(stage) as running:
        for path, query in {
            "/g/search/text/router/filter/text/": "/g/search/?text=router&file=with",
            "/g/search/text/router/order/asc/page/2/": "/g/search/?text=router&order=asc&page=2",
            "/_/search/boards/g/username/bob": "/_/search/?boards=g&username=bob",
            "/g/search/text/a%2Fb/": "/g/search/?text=a%2Fb",
            "/g/search/text/zzz": "/g/search/?text=zzz",
            "/g/search/text//": "/g/search/",
        }.items():
            ours, theirs = await page_of(running, query), await page_of(running, path)
            assert places(theirs) == places(ours)
            for name in ("search_form", "search_controls", "search_advice", "tabs"):
                shown = [[tostring(each).strip() for each in having(page, name)] for page in (theirs, ours)]
                assert shown[0] == shown[1]
            heads = [next(found.iter("head")) for found in (theirs, ours)]
            assert tostring(heads[0]) == tostring(heads[1])


async def test_a_path_is_answered_where_it_stands(sqlite_stage: Stage) -> None:
    sqlite_stage.board("λ")
    sqlite_stage.post(1, board="λ", comment="here a/b %41")
    async with filled(sqlite_stage) as running:
        found = await page_of(running, "/%CE%BB/search/text/%22a%2Fb%20%2541%22/")
        assert places(found) == [("λ", "1")]
        assert fields(found) == {"text": '"a/b %41"'}
        ignored = await page_of(running, "/g/search/troll_country/NZ/text/my/uid")
        assert len(places(ignored)) == 2 and "troll_country" in text(one(ignored, "search_note"))
        mounted = await ask(running.app, "/g/search/text/my%2F/", root_path="/sub")
        assert fields(document(mounted)) == {"text": "my/"}
        assert (await ask(running.app, "/g/search/?text=", root_path="/sub")).headers["location"] == "/sub/g/search/"
        await running.ask("/g%2Fsearch/text/my/", 404)
        await running.ask("/nix/search/text/my/", 404)
        await running.ask("/nix/search/", 404)
        head = await ask(running.app, "/g/search/text/my/", method="HEAD")
        assert (head.status, head.body) == (200, b"")
        await running.ask("/g/search/text/my/page/0/", 400)
        await running.ask("/g/search/text/my/page/x/", 400)
        await running.ask("/g/search/?text=my&cursor=nonsense", 400)
        await running.ask("/g/search/?text=my&cursor=0~g.150&page=2", 400)
        wrong = await page_of(running, "/g/search/text/router/username/" + "x" * 501, 400)
        assert "at most 500" in alert(wrong)


async def _post(running: Running, address: str, body: str, **headers: str) -> Answer:
    sent = {"Content-Type": FORM, "Content-Length": str(len(body)), **headers}
    return await ask(running.app, address, method="POST", headers=sent, body=body.encode())


async def test_forms_of_foolfuuka(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        for address, body, target in (
            ("/g/search/", "text=Router&submit_search=Search&username=", "/g/search/?text=Router"),
            ("/g/search", "text=router&filter=text&boards%5B%5D=po", "/g/search/?text=router&file=with"),
            ("/g/search/", "text=router&submit_search_global=1", "/_/search/?text=router"),
            ("/_/search/", "boards%5B%5D=g&boards%5B%5D=po&text=a", "/_/search/?text=a"),
            ("/_/search/", "boards%5B%5D=g&text=a", "/_/search/?boards=g&text=a"),
            ("/g/search/", "text=100%2C1&submit_post=Go", "/g/post/100_1/"),
            ("/_/search/", "text=110&boards%5B%5D=g&submit_post=Go", "/g/post/110/"),
            ("/g/search/", "text=%3E%3E100&submit_post=Go", "/g/post/100/"),
            ("/_/search/", "text=110&submit_post=Go", "/_/search/?text=110"),
            ("/g/search/", "text=router&submit_post=Go", "/g/search/?text=router"),
            ("/g/search/", "text=99999999999&submit_post=Go", "/g/search/?text=99999999999"),
            ("/g/search/", "", "/g/search/"),
        ):
            answer = await _post(running, address, body)
            assert (answer.status, answer.headers["location"]) == (303, target), body
            await running.ask(target)
        wrong = await _post(running, "/g/search/", "text=a&width=wide")
        assert wrong.status == 400 and fields(document(wrong)) == {"text": "a", "width": "wide"}
        assert (await _post(running, "/g/search/", f"text={'x' * LONGEST_FORM}")).status == 400
        assert (await _post(running, "/nix/search/", "text=a")).status == 404
        parts = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nmy\r\n--b--\r\n'
        several = await _post(running, "/g/search/", parts, **{"Content-Type": "multipart/form-data; boundary=b"})
        assert (several.status, several.headers["location"]) == (303, "/g/search/?text=my")
        assert summary(await page_of(running, "/g/search/?text=my"))[1].startswith("2 posts found")


_VALUES = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='ab"|-*= \u00df\u0130λ%', max_size=12),
    st.sampled_from(["2021-03", ">=5", "<4k", "with", "op", "NL", "asc", "thread", "g.po", "CdsWDPNH2+bTYx8Uhpv0Sg=="]),
)
_KEYS = st.sampled_from([field.key for field in FIELDS] + ["boards", "order", "results", "filter", "page", "view"])


@given(st.lists(st.tuples(_KEYS, _VALUES), max_size=4), st.sampled_from([None, "g"]))
def test_the_address_that_is_linked_to_means_itself(pairs: list[tuple[str, str]], board: str | None) -> None:
    try:
        asking = read_asking([pair for pair in pairs if pair[0] != "page"], BOARDS, board)
    except InvalidSearch:
        return
    again = read_asking(asking.pairs(), BOARDS, board)
    assert again == asking and is_canonical(asking.pairs(), again)
