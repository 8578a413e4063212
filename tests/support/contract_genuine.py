"""Genuine posts as the programs read them that cannot be run here."""

from typing import Any, Final
from urllib.parse import quote

from tests.support.contract_clients import ASKS
from tests.support.contracts import read
from tests.support.reader import Reader

_EACH: Final = 6
"""Posts of a board that are looked at alone; their threads are looked at whole."""

_THEME: Final = "&theme=foolz/foolfuuka-theme-foolfuuka"


async def check_clients(reader: Reader, truth: dict[str, Any]) -> None:
    """Answers about posts that truth.json lists hold all that programs read. One answer serves all that ask for it."""
    for board in truth["boards"]:
        posts = [post for post in truth["posts"] if post["board"] == board]
        # Those come first that are not like most: ghost posts, and what was staged to be hostile.
        posts.sort(key=lambda post: ("," not in post["id"], post["thread_num"] != truth.get("hostile_thread")))
        posts = posts[:_EACH]
        name = quote(board)
        wanted = {
            "post": [f"board={name}&num={quote(post['id'])}{_THEME}" for post in posts],
            "thread": [f"board={name}&num={num}{_THEME}" for num in {post["thread_num"] for post in posts}],
            "index": [f"board={name}&page=1", f"board={name}&page=1&order=by_post"],
            "search": [f"boards={name}&type=op", f"boards={name}&ghost=only", f"boards={name}&filter=text"],
            "archives": [""],
            "boards": [""],
        }
        for method, queries in wanted.items():
            asks = [asked for asked in ASKS if asked.form.split("?")[0].strip("/") == method]
            assert asks, method
            for query in queries:
                answer = await reader.json(f"/_/api/chan/{method}/?{query}")
                if method == "search" and answer == {"error": "No results found."}:
                    continue
                for asked in asks:
                    assert read(asked.shape, answer).broken == [], (asked.client, method, query)
