"""An invented archive in which every field that a program reads has a value somewhere, and everything that may be
lacking is lacking somewhere."""

from typing import Any, Final

from tests.support.stage import NOON, Stage

THREAD: Final = 100
WORD: Final = "watch"
"""Stands in the subjects and comments of some posts."""

NUMBERS: Final = {
    "board": ["a"],
    "thread": [str(THREAD), "200", "300"],
    "num": ["100", "101", "102", "102_1", "103", "104", "105", "106", "200"],
    "word": [WORD],
    "doc_id": ["1"],
}
"""What the places in addresses are filled with."""

_TROLL: Final = '"troll_country_code":"CM","troll_country_name":"Communist"'
_EXIF: Final = f'{{"uniqueIps":"12","since4pass":"2016",{_TROLL}}}'
_LINES: Final = (
    ">>100", ">>101 yes", ">>102,1", ">>999", ">>>/b/5", ">>>/b/", ">>>/zz/5", ">green", "[spoiler]>not[/spoiler]",
    'Café <b> & "so" on https://example.org/a?b=1&c=2 https://example.org/',
    '[fortune color="#fd4d32"]Your fortune: good[/fortune]', "[code]>>100 a", "b[/code]",
)  # fmt: skip


def _file(number: int, **changes: Any) -> dict[str, Any]:
    hashed = f"AbCdEfGhIjKlMnOpQrStU{'wAQg'[number % 4]}=="
    return {
        "media_id": number, "media_hash": hashed, "media_orig": f"165762720000{number}.jpg",
        "preview_orig": f"165762720000{number}s.jpg", "media_filename": "a &quot;cat&quot;.jpg", "preview_w": 125,
        "preview_h": 90, "media_w": 640, "media_h": 480, "media_size": 123456, **changes,
    }  # fmt: skip


_NAMELESS: Final = _file(4, media_orig=None, media_filename=None, preview_orig=None)


def fill(stage: Stage) -> None:
    stage.board("a", "asagi", title="Anime")
    stage.board("b", "asagi", title="Random", nsfw=True)
    for number in range(4):
        stage.add("a_images", _image(number + 1))
    reply = {
        "comment": "\n".join((*_LINES, WORD)), "name": "Anonymous", "spoiler": 1, "title": "Re", "trip": "!!abc",
        "exif": _EXIF, "email": "sage", "poster_hash": "Efgh5678", "poster_country": "DE", **_file(2),
    }  # fmt: skip
    posts: list[dict[str, Any]] = [
        {
            "num": 100, "title": f"{WORD} this", "comment": f"I {WORD} it", "name": "Rin <3", "trip": "!Ep8pui8Vw2",
            "email": "noko", "poster_hash": "Abcd1234", "poster_country": "US", "capcode": "M", "sticky": 1,
            "exif": _EXIF, **_file(1),
        },
        {"num": 101, **reply},
        {"num": 102, "comment": f">>100\n>{WORD}", "exif": f"{{{_TROLL}}}"},
        {"num": 102, "subnum": 1, "comment": ">>102,1\nbump", "name": "Ghost"},
        {"num": 103, "comment": "banned", **_file(3)},
        {"num": 104, "comment": "its file has lost its names", **_NAMELESS},
        {"num": 105, "comment": "gone", "deleted": 1, "timestamp_expired": NOON + 5000},
        {"num": 106, "comment": None},
        {"num": 200, "thread_num": 200, "title": f"{WORD} that", "poster_country": "XX", "exif": "{"},
        # The index shows five replies: here one that has everything is among them.
        {"num": 300, "thread_num": 300, "comment": "two"},
        {"num": 301, "thread_num": 300, **reply},
    ]  # fmt: skip
    for row in posts:
        stage.posts({"thread_num": THREAD, **row}, board="a")
    stage.threads(
        {"thread_num": 100, "nreplies": 8, "nimages": 4, "time_bump": NOON + 106},
        {"thread_num": 200, "nreplies": 1, "nimages": 0, "time_bump": NOON + 200},
        {"thread_num": 300, "nreplies": 2, "nimages": 1, "time_bump": NOON + 301},
        board="a",
    )
    stage.post(5, board="b", comment=f"{WORD} /b/")
    stage.threads({"thread_num": 5, "nreplies": 1, "nimages": 0}, board="b")


def _image(number: int) -> dict[str, Any]:
    file = _file(number)
    lost = number == 4
    return {
        "media_id": number,
        "media_hash": file["media_hash"],
        "media": None if lost else file["media_orig"],
        "preview_op": None if lost else file["preview_orig"],
        "preview_reply": None if lost else file["preview_orig"],
        "total": number,
        "banned": int(number == 3),
    }
