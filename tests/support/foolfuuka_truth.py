"""The lookups of truth.json as searches of FoolFuuka's interface: the same posts as by our own."""

from __future__ import annotations

from typing import Any, Final

from tests.support.foolfuuka import address, check_post
from tests.support.reader import Reader
from tests.support.search_truth import asked, search

_PAGES: Final = 4
"""Pages that are looked at; each looks for all posts before it again."""

_PAGE: Final = 25


async def check_foolfuuka_lookups(reader: Reader, truth: dict[str, Any]) -> None:
    for lookup in truth["lookups"]:
        pairs = asked(lookup, truth["clock"])
        if "username" in pairs:
            pairs["username"] = pairs["username"].removeprefix("=")  # FoolFuuka knows names by their words only
        own = [(post["num"], post["subnum"], post["time"]) for post in await search(reader, lookup["board"], **pairs)]
        for page in range(1, _PAGES + 1):
            wanted = own[_PAGE * (page - 1) : _PAGE * page]
            answer = await reader.json(address("search", **pairs, boards=lookup["board"], page=page))
            if not wanted:
                assert answer == {"error": "No results found."}, lookup
                break
            assert list(answer) == ["0", "meta"]
            found = answer["0"]["posts"]
            for post in found:
                check_post(post)
            assert [(int(post["num"]), int(post["subnum"]), post["timestamp"]) for post in found] == wanted, lookup
    for forbidden in truth.get("never_show", ()):
        boards = ".".join(truth["boards"])
        answer = await reader.json(address("search", boards=boards, text=f'"{forbidden["text"]}"'))
        assert answer == {"error": "No results found."}, forbidden
