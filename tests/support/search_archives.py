"""Small invented archives for searches: all kinds of texts, clocks and tables that may stand in the way of finding."""

# ruff: noqa: RUF001 - letters that look alike are the matter here

import random
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from msgspec import Struct

from app.settings import BoardSettings
from tests.support.search_model import NEW_YORK, ModelBoard, ModelPost

_INDEXES: Final = ("thread_num", "subnum", "timestamp", "media_hash", "name", "trip", "email")


class Plan(Struct, frozen=True):
    """What is particular to a board."""

    name: str
    new_york: bool = True
    """Of its first posts; from the middle on the other clock where it is `switched`."""
    switched: bool = False
    html: bool = False
    ghosts: bool = True
    jitter: bool = False
    """Times that do not quite rise with numbers, over an autumn night with an hour that comes twice."""
    gaps: bool = False
    lacking: tuple[str, ...] = ()
    indexes: tuple[str, ...] = _INDEXES
    mysql: str = "utf8mb4"
    """The character set of MariaDB's columns."""

    @property
    def wall_new_york(self) -> bool:
        return self.new_york != self.switched


_NO_FACTS = ("title", "exif", "media_w", "poster_country", "spoiler", "email", "poster_hash", "media_orig")
_NO_WORDS = ("comment", "name", "trip", "media_hash", "subnum", "deleted", "sticky", "capcode", "media_h", "media_size")
PLANS: Final = (
    Plan("stock"),
    Plan("utc", new_york=False, ghosts=False),
    Plan("switched", new_york=False, switched=True, indexes=("thread_num", "subnum")),
    Plan("back", switched=True, ghosts=False, gaps=True, indexes=("thread_num", "timestamp", "media_hash")),
    Plan("html", new_york=False, html=True, ghosts=False, indexes=()),
    Plan("autumn", jitter=True),
    Plan("bin", jitter=True, gaps=True, mysql="utf8mb4 collate utf8mb4_bin"),
    Plan("old", ghosts=False, mysql="utf8mb3"),
    Plan("facts", new_york=False, ghosts=False, indexes=("thread_num",), lacking=(*_NO_FACTS, "doc_id")),
    Plan("words", ghosts=False, indexes=(), lacking=_NO_WORDS),
)

# What readers see, and how it is stored where that differs.
_LINES: Final = r"""
    cat Cat CATS concat cat's c++ C++ 50% 5% a_b A_B a!b \o/ a\b [x] *star* ? what? "quoted" R&D <tag> O'Hara ... -5
    Привет привет ПРИВЕТ ΣΊΣΥΦΟΣ σίσυφος Σίσυφος İzmir izmir ızgara IZGARA straße STRASSE STRAẞE strasse café CAFÉ
    café हिन्दी हिन्द 猫が好き 我爱猫 猫 ねこ 한국어 한국 ไทย cat猫 猫cat 🐈 😀😀 x🐈y 300K K k Miſs miss ﬁ fi
    foo bar baz 2021 123 >>123 (cat) cat, «cat» ǅ ǆ Ǆ Ά ά ᾳ ᾼ Ａ ａ Ⅷ ⅷ Ⓐ ⓐ ԱԲ աբ ႠႡ ⴀⴁ 5Ω 5Ω
"""
_WORDS: Final = (*_LINES.split(), "🏴\U000e0067\U000e007fcat")
_TAGGED: Final = (
    ("[b]bold[/b]", " bold "),
    ("mid[spoiler]dle[/spoiler]cat", "mid dle cat"),
    ("[code]x &lt; cat[/code]", "x < cat"),
    ("[b:lit]cat[/b:lit]", "[b]cat[/b]"),
    ("[nope]cat", "[nope]cat"),
    ("&amp;amp;", "&amp;"),
    ("[banned](CAT WAS HERE)[/banned]", " (CAT WAS HERE) "),
)
_HTML: Final = (
    ("<b>bold</b>", " bold "),
    ("cat<br>dog", "cat\ndog"),
    ("mid<em>dle</em>cat", "mid dle cat"),
    ("&amp;amp;", "&amp;"),
)
_NAMES: Final = (
    None, "", "Anonymous", "Anonymous", "Anonymous", "anonymous", "ANONYMOUS", "Bob", "Bob ", "bob", "Bob Bob", "Böb",
    "BÖB", "Bo%b", "Bo_b", "Bo!b", "Bo\\b", "[Bob]", "*", "?", "O'Hara", '"Bob"', "Женя", "ЖЕНЯ", "ΆΝΝΑ", "άννα",
    "İnci", "inci", "ınci", "Groß", "GROSS", "GROẞ", "猫", "猫🐈", "🐈", "Bob🐈", "=Bob", "-Bob",
)  # fmt: skip
_FILES: Final = (
    None, "", "cat.jpg", "CAT.JPG", "cat & dog.png", 'my "cat".webm', "50%_off.gif", "Кот.PNG", "кот.png", "猫.jpg",
    "nodot", ".jpg", "a.b.webm", "[cat].jpg", "it's.pdf", "🐈.mp4", "C:\\cat.swf",
)  # fmt: skip
_HASHES: Final = (
    "AbCdEfGhIjKlMnOpQrStUv==",
    "abcdefghijklmnopqrstuv==",
    "ABCDEFGHIJKLMNOPQRSTUV==",
    "x7ij+bQ4xZmz/zGp6dFrQw==",
)


_EXIF: Final = ("{", "[2016]", '{"since4pass": 2016}', '{"since4pass":"2017","x":2016}', '{"x": "since4pass 2018"}')


def invent(plan: Plan, seed: int) -> ModelBoard:
    """A board's posts, the same for every database."""
    rng = random.Random(f"{plan.name} {seed}")
    posts: list[ModelPost] = []
    num, utc = rng.randint(1, 50), _utc(2021, 11, 6) if plan.jitter else _utc(2021, 3, 3)
    threads: list[int] = []
    count = rng.randint(35, 55)
    for nth in range(count):
        num += rng.choice((1, 1, 1, 2, 5)) + (10**7 if plan.gaps and rng.random() < 0.15 else 0)
        utc += rng.randint(0, 2400) if plan.jitter else rng.choice((0, 1, 60, 3600, 40_000))
        if rng.random() < 0.3:
            utc = _midnight(utc, rng.choice((NEW_YORK, timezone.utc))) - rng.choice((0, 0, 1))
        if not threads or rng.random() < 0.1:
            thread = num
            if rng.random() < 0.2:
                num += 1  # nobody kept the first post
            threads.append(thread)
        else:
            thread = rng.choice(threads[-4:])
        late = rng.randint(-1500, 1500) if plan.jitter else 0
        new_york = plan.new_york != (plan.switched and nth >= count // 2)
        posts.append(_post(rng, plan, num, 0, thread, utc + late, new_york))
        if plan.ghosts and rng.random() < 0.12:
            for subnum in range(1, rng.randint(2, 4)):
                ghost = utc + rng.choice((100, 86_400, 20 * 86_400)) * subnum
                posts.append(_post(rng, plan, num, subnum, thread, ghost, True))
    # A scraper meets posts thread by thread, and ghost posts come later.
    arrived = sorted(posts, key=lambda post: (post.number("subnum"), post.row["num"] // 20, post.row["thread_num"]))
    for doc_id, post in enumerate(arrived, 1):
        post.row["doc_id"] = None if "doc_id" in plan.lacking else doc_id
    if plan.name == "stock":
        longest = rng.choice(posts)
        longest.comment = longest.row["comment"] = "cat " * 15_000 + "needle"
    return ModelBoard(
        plan.name, posts, plan.wall_new_york, certain=not plan.jitter and not plan.ghosts, switched=plan.switched
    )


def switch_num(board: ModelBoard) -> int:
    """The first number stored by the other clock on a board whose clock is switched."""
    nums = [post.row["num"] for post in board.posts if not post.number("subnum")]
    return int(nums[len(nums) // 2])


def settings_of(plan: Plan, board: ModelBoard) -> BoardSettings:
    return BoardSettings(
        clock="new_york" if plan.new_york else "utc",
        clock_switch_num=switch_num(board) if plan.switched else None,
        comments="html" if plan.html else "bbcode",
    )


def _post(rng: random.Random, plan: Plan, num: int, subnum: int, thread: int, utc: int, new_york: bool) -> ModelPost:
    stored = utc
    if new_york:
        stored = int(datetime.fromtimestamp(utc, NEW_YORK).replace(tzinfo=timezone.utc).timestamp())
    comment, seen = _comment(rng, plan)
    with_file = rng.random() < 0.5
    filename = _fit(plan, rng.choice(_FILES)) if with_file else rng.choice((None, ""))
    row: dict[str, Any] = {
        "num": num,
        "subnum": subnum or (0 if plan.ghosts else rng.choice((0, 0, None))),
        "thread_num": thread,
        "timestamp": stored,
        "media_filename": _escaped(filename) if filename and rng.random() < 0.5 else filename,
        "media_w": rng.choice((None, 0, 1, 640, 640, 1920)) if with_file else rng.choice((None, 0)),
        "media_h": rng.choice((None, 0, 1, 480, 1080)) if with_file else 0,
        "media_size": rng.choice((None, 0, 1024, 1025, 5_000_000, 2**31 - 1)) if with_file else 0,
        "media_hash": rng.choice((None, "", *_HASHES)) if with_file else rng.choice((None, "")),
        "media_orig": rng.choice((None, "", "1613000000000.jpg", "1613000000001.PNG", "1613000000000001.web", "x.webm"))
        if with_file
        else None,
        "spoiler": rng.choice((None, 0, 0, 1)),
        "deleted": rng.choice((None, 0, 0, 1)),
        "capcode": rng.choice((None, "", "N", "N", "N", "M", "A", "D", "V", "F", "G")),
        "email": rng.choice((None, "", "", "sage", "SAGE", "sage goes", "noko@example.org", "%")),
        "name": _fit(plan, rng.choice(_NAMES)),
        "trip": rng.choice((None, "", "", "!Ep8pui8Vw2", "!ep8pui8vw2", "!!a+b/c", "!%", "!_")),
        "title": rng.choice((None, "", "", _fit(plan, " ".join(rng.choices(_WORDS, k=rng.randint(1, 3)))))),
        "comment": comment,
        "sticky": rng.choice((None, 0, 0, 0, 1)),
        "poster_hash": rng.choice((None, "", "Abcd1234", "abcd1234", "a+/b", "Mod")),
        "poster_country": rng.choice((None, "", "NL", "nl", "DE", "Türkiye", "TÜRKIYE", "XX")),
        "exif": rng.choice((None, "", *_EXIF)),
    }
    row = {"doc_id": 0} | row
    row = {column: None if column in plan.lacking else value for column, value in row.items()}
    return ModelPost(
        row,
        utc,
        "" if "comment" in plan.lacking else seen,
        filename or "" if "media_filename" not in plan.lacking else "",
        removed=rng.random() < 0.06,
    )


def _comment(rng: random.Random, plan: Plan) -> tuple[str | None, str]:
    """A comment as it is stored, and as it is seen."""
    if rng.random() < 0.1:
        return rng.choice((None, "")), ""
    stored, seen = "", ""
    for nth in range(rng.choice((1, 2, 3, 8, 20))):
        gap = "" if not nth else rng.choice((" ", " ", " ", "  ", "\t", "<br>" if plan.html else "\n"))
        stored, seen = stored + gap, seen + gap.replace("<br>", "\n")
        if rng.random() < 0.15:
            piece, shown = rng.choice(_HTML if plan.html else _TAGGED)
        else:
            shown = _fit(plan, rng.choice(_WORDS)) or "cat"
            piece = _escaped(shown) if plan.html or rng.random() < 0.5 else shown
        stored, seen = stored + piece, seen + shown
    return stored, seen


def _escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#039;")):
        text = text.replace(character, entity)
    return text


def _fit(plan: Plan, text: str | None) -> str | None:
    """Without characters for which MariaDB's old character set has no room."""
    if text is None or "utf8mb3" not in plan.mysql:
        return text
    return "".join(character if ord(character) < 0x10000 else "#" for character in text)


def _midnight(utc: int, zone: tzinfo) -> int:
    """The first one after a time, by the clock of a zone; other boards' posts may have the same time."""
    wall = datetime.fromtimestamp(utc, zone) + timedelta(days=1)
    return int(wall.replace(hour=0, minute=0, second=0).timestamp())


def _utc(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12, tzinfo=timezone.utc).timestamp())
