"""The invented archive covers what it claims, and its pictures are what its posts say."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image

from app.demo.boards import invent
from app.demo.draft import ThreadDraft, number
from app.demo.media import render, render_all
from app.demo.model import DemoArchive, DemoPost
from app.demo.rows import Pictures, new_york
from app.demo.webm import vp8_frame


@pytest.fixture(scope="module")
def archive() -> DemoArchive:
    return invent()


@pytest.fixture(scope="module")
def pictures(archive: DemoArchive) -> Pictures:
    return render_all(archive)


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def commented(pattern: str) -> Callable[[DemoPost], object]:
    return lambda post: re.search(pattern, post.comment or "")


def pictured(pattern: str) -> Callable[[DemoPost], object]:
    return lambda post: post.picture is not None and re.search(pattern, post.picture.filename)


COVERED: dict[str, Callable[[DemoPost], object]] = {
    "name NULL": lambda p: p.name is None,
    "name ''": lambda p: p.name == "",
    "name custom": lambda p: p.name not in (None, "", "Anonymous"),
    "tripcode": lambda p: re.fullmatch(r"![^!]+", p.trip or ""),
    "secure tripcode": lambda p: re.fullmatch(r"!![^!]+", p.trip or ""),
    "both tripcodes": lambda p: re.fullmatch(r"![^!]+!![^!]+", p.trip or ""),
    **{f"capcode {code}": (lambda p, code=code: p.capcode == code) for code in "NMADVFG"},  # type: ignore[misc]
    "poster hash": lambda p: p.poster_hash,
    "country": lambda p: p.country == "DE",
    "country unknown": lambda p: p.country == "XX",
    "sage": lambda p: p.email == "sage",
    "another email": lambda p: "@" in (p.email or ""),
    "subject": lambda p: p.subject,
    "subject ''": lambda p: p.subject == "",
    "comment NULL": lambda p: p.comment is None,
    "comment ''": lambda p: p.comment == "",
    "comment of 60 kB": lambda p: len(p.comment or "") > 59_000,
    "word of 5000 letters": commented(r"\w{5000}"),
    **{f"[{tag}]": commented(re.escape(f"[{tag}]") + r"[^\[]+" + re.escape(f"[/{tag}]"))
       for tag in ("spoiler", "code", "b", "i", "u", "s", "o", "sub", "sup", "math", "eqn", "banned", "moot",
                   "info", "shiftjis", "sjis", "spoiler:lit", "code:lit", "banned:lit", "moot:lit",
                   "SPOILER")},
    "code of several lines": commented(r"\[code\][^\[]+\n[^\[]+\[b\]"),
    "fortune": commented(r'\[fortune color="#fd4d32"\]'),
    "fortune unquoted": commented(r"\[fortune color=#"),
    "qstcolor": commented(r"\[qstcolor=red\]"),
    "unclosed": lambda p: (p.comment or "").count("[spoiler]") == 1 and "[/spoiler]" not in (p.comment or ""),
    "stray": lambda p: "[/b]" in (p.comment or "") and "[b]" not in (p.comment or ""),
    "mis-nested": commented(r"\[b\]\[i\].*\[/b\].*\[/i\]"),
    "nested spoilers": commented(r"\[spoiler\][^\[]+\[spoiler\]"),
    "greentext": commented(r"(?m)^>[^>]"),
    "quote of a ghost": commented(r">>\d+,1"),
    "quote of another board": commented(r">>>/ck/\d+"),
    "quote of an unknown board": commented(r">>>/b/\d+"),
    "link to a board": commented(r">>>/b/(\s|$)"),
    "URL": commented(r"https://example\.org/\S+\?"),
    "emoji": commented("\U0001f3ee"),
    "right-to-left": commented("[\u0590-\u05ff]"),
    "CJK": commented("[\u4e00-\u9fff]"),
    "control characters": commented("\x01.*\x1b"),
    "CRLF": commented("\r\n"),
    **{f"script in {field}": (lambda p, field=field: "<" in (getattr(p, field) or ""))  # type: ignore[misc]
       for field in ("subject", "name", "trip", "email", "exif", "comment")},
    "markup in poster hash": lambda p: '"><' in (p.poster_hash or ""),
    "markup in file name": pictured("<script>"),
    "javascript URL": commented("javascript:alert"),
    "server name that climbs": lambda p: p.picture and p.picture.tim.startswith("../../../../"),
    "hash that is none": lambda p: p.picture and p.picture.stored_hash,
    "deleted with expiry": lambda p: p.deleted and p.expired_utc > p.utc,
    "deleted without expiry": lambda p: p.deleted and not p.expired_utc,
    "deleted OP": lambda p: p.deleted and p.op,
    "sticky": lambda p: p.sticky and p.op,
    "locked": lambda p: p.locked and not p.sticky,
    "ghost 1": lambda p: p.subnum == 1,
    "ghost 2 sages": lambda p: p.subnum == 2 and p.email == "sage",
    "spoilered picture": lambda p: p.spoiler and p.picture,
    "spoiler without picture": lambda p: p.spoiler and not p.picture,
    "banned picture": lambda p: p.picture and p.picture.banned,
    "missing picture": lambda p: p.picture and p.picture.missing,
    **{f"a {ext}": (lambda p, ext=ext: p.picture and p.picture.ext == ext)  # type: ignore[misc]
       for ext in (".jpg", ".png", ".gif", ".webm")},
    "13 digits": lambda p: p.picture and re.fullmatch(r"\d{13}", p.picture.tim),
    "16 digits": lambda p: p.picture and re.fullmatch(r"\d{16}", p.picture.tim),
    "file name with &": pictured("&"),
    "file name with quotes": pictured("'.*\""),
    "file name in unicode": pictured("灯"),
    "file name with an entity": pictured("&amp;"),
    "long file name": pictured(".{39}"),
    "exif ''": lambda p: p.exif == "",
    "exif uniqueIps str": lambda p: '"uniqueIps":"' in (p.exif or ""),
    "exif uniqueIps int": lambda p: re.search(r'"uniqueIps":\d', p.exif or ""),
    **{f"exif {key}": (lambda p, key=key: f'"{key}"' in (p.exif or ""))  # type: ignore[misc]
       for key in ("since4pass", "troll_country_code", "troll_country_name", "Make", "Painter", "tim",
                   "IFD0")},
    "exif cut short": lambda p: p.exif and p.exif.startswith("{") and not p.exif.endswith("}"),
    "summer": lambda p: new_york(p.utc) - p.utc == -4 * 3600,
    "winter": lambda p: new_york(p.utc) - p.utc == -5 * 3600,
    "OP alone with a picture": lambda p: p.op and p.comment is None and p.picture,
}  # fmt: skip


@pytest.mark.parametrize("what", COVERED)
def test_some_post_is(what: str, archive: DemoArchive) -> None:
    assert any(COVERED[what](post) for board in archive.boards if not board.html for post in board.posts)


def test_inventing_twice_gives_the_same(archive: DemoArchive) -> None:
    assert invent() == archive


def test_boards_and_threads(archive: DemoArchive) -> None:
    boards = {board.name: board for board in archive.boards}
    assert list(boards) == ["g", "ck", "3", "λ"]
    threads = boards["g"].threads()
    assert len(threads) >= 34
    assert len(boards["g"].posts) >= 400
    assert max(map(len, threads.values())) == 320
    assert min(map(len, threads.values())) == 1
    assert len(boards["ck"].threads()) == 12
    headless = [num for num, posts in threads.items() if not any(post.op for post in posts)]
    assert len(headless) == 1
    assert len(boards["g"].unlisted) == 1
    assert boards["g"].unlisted < threads.keys()
    assert sum(any(post.subnum for post in posts) for posts in threads.values()) == 2
    for board in archive.boards:
        keys = [(post.num, post.subnum) for post in board.posts]
        assert keys == sorted(set(keys))
        assert not any("⟦" in (post.comment or "") + (post.comment_html or "") for post in board.posts)


def test_posts_lie_in_both_halves_of_the_repeated_hour(archive: DemoArchive) -> None:
    stamps: dict[int, set[int]] = {}
    for post in archive.board("g").posts:
        stamps.setdefault(new_york(post.utc), set()).add(post.utc)
    repeated = [moments for moments in stamps.values() if len(moments) > 1 and max(moments) - min(moments) == 3600]
    assert len(repeated) >= 3


def test_pictures_are_repeated_within_and_across_threads(archive: DemoArchive) -> None:
    uses: dict[str, list[DemoPost]] = {}
    for post in archive.board("g").posts:
        if post.picture is not None:
            uses.setdefault(post.picture.key, []).append(post)
    repeated = [posts for posts in uses.values() if len(posts) > 1]
    assert any(len({post.thread_num for post in posts}) < len(posts) for posts in repeated)
    assert any({post.op for post in posts} == {True, False} for posts in repeated)


def test_a_quote_of_an_unknown_label_is_refused() -> None:
    thread = ThreadDraft(label="a", posts=(DemoPost(utc=1, comment=">>⟦b.0⟧"),))
    with pytest.raises(ValueError, match=r"quotes ⟦b\.0⟧"):
        number("x", "X", [thread], 1)


def test_pictures_are_what_their_posts_say(archive: DemoArchive, pictures: Pictures) -> None:
    hashes = {rendered.md5 for rendered in pictures.values()}
    assert len(hashes) == len(pictures)
    for picture in archive.pictures():
        rendered = pictures[picture.key]
        if picture.ext == ".webm":
            assert rendered.data[:4] == b"\x1a\x45\xdf\xa3"
            size = picture.width.to_bytes(2, "little") + picture.height.to_bytes(2, "little")
            assert rendered.data.count(b"\x9d\x01\x2a" + size) == 8  # starts of VP8 key frames
        else:
            with Image.open(io.BytesIO(rendered.data)) as image:
                assert image.size == (picture.width, picture.height)
                assert image.format == {".png": "PNG", ".gif": "GIF"}.get(picture.ext, "JPEG")
        sizes = {size_of(rendered.thumb_op), size_of(rendered.thumb_reply)}
        assert (picture.thumb_width, picture.thumb_height) in sizes
    one = next(archive.pictures())
    assert render(one) == pictures[one.key]


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"GIF89a", "not a WebP file"), (b"RIFF\0\0\0\0WEBPVP8L\3\0\0\0abc\0", "holds no lossy picture")],
)
def test_a_frame_comes_only_out_of_lossy_webp(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        vp8_frame(data)
