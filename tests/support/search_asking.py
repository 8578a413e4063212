"""Random searches for invented posts: for every field, values that some posts have, some nearly have, and none has."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

from msgspec import Struct

from tests.support.search_model import MEANINGS, NEW_YORK, TEXTS, ModelBoard, ModelPost, read

Maker = Callable[[random.Random, Sequence[ModelPost]], str]


class Search(Struct):
    """What is asked, as it stands in an address, and how the answer is paged through."""

    asked: dict[str, str]
    boards: tuple[str, ...]
    oldest_first: bool
    by_thread: bool
    limit: int
    by_number: bool
    """Whether pages are asked for by number, not by cursor."""
    counting: bool
    """Whether the engine goes on behind a full page, to count."""

    def pairs(self) -> list[tuple[str, str]]:
        return [
            *self.asked.items(),
            ("boards", ".".join(self.boards)),
            ("order", "asc" if self.oldest_first else "desc"),
            ("results", "thread" if self.by_thread else "posts"),
        ]


def search_with(key: str, rng: random.Random, boards: Sequence[ModelBoard], *, plainly: bool = False) -> Search:
    """A search with a field, and now and then with others besides; `plainly`: with nothing else, on several boards."""
    number = 4 if plainly else rng.choice((1, 1, 1, 1, 1, 2, 2, 3, len(boards)))
    fitting = [board for board in boards if board.switched or key not in ("start", "end")]
    if number > 1:
        fitting = [board for board in boards if board.certain]
    chosen = rng.sample(fitting if len(fitting) >= number and rng.random() < 0.6 else boards, number)
    posts = [post for board in chosen for post in board.posts]
    keys = {key, *rng.sample(sorted(MAKERS), 0 if plainly else rng.choice((0, 0, 0, 1, 1, 2)))}
    if "op" in keys and key != "type":
        keys.discard("type")
    elif "type" in keys:
        keys.discard("op")
    asked = {each: MAKERS[each](rng, posts) for each in sorted(keys)}
    if asked.get("start", "") > asked.get("end", "9"):
        del asked["end" if key == "start" else "start"]
    return Search(
        asked,
        tuple(board.name for board in chosen),
        rng.random() < 0.5,
        rng.random() < 0.3,
        rng.choice((1, 4, 10, 250)),
        rng.random() < 0.2,
        rng.random() < 0.3,
    )


def _words(*columns: str, whole: bool = True) -> Maker:
    def make(rng: random.Random, posts: Sequence[ModelPost]) -> str:
        texts = [text for post in posts for text in (_seen(post, column) for column in columns) if text.strip()]
        while True:
            typed = _typed(rng, rng.choice(texts) if texts else "nothing", whole)
            if typed.startswith("=") or any(read(typed)):
                return typed

    return make


def _seen(post: ModelPost, column: str) -> str:
    """What of a column readers see, not all of a long text."""
    text = {"comment": post.comment, "media_filename": post.filename}.get(column) or post.text(column)
    return text[-200:] if len(text) > 1000 else text


def _typed(rng: random.Random, text: str, whole: bool) -> str:
    # The mark of greentext would come to stand between spaces, as tags do.
    if whole and rng.random() < 0.15 and text == text.strip() and len(text) < 400 and ">" not in text:
        exact = rng.choice((text, text.swapcase(), text[:-1] or text)).strip()
        if not set("\n\t") & set(exact):
            return f"={exact}"
    terms = [_term(rng, text) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if rng.random() < 0.2:
        terms.insert(1, "|")
        terms.insert(2, rng.choice(("absent", _term(rng, text))))
    if rng.random() < 0.25:
        terms.append(rng.choice(("-cat", "-absent", '-"cat dog"', "-猫", "-foo*")))
    return " ".join(terms).lstrip("=").strip() or "cat"


def _term(rng: random.Random, text: str) -> str:
    tokens = text.split()
    start = rng.randrange(len(tokens))
    some = tokens[start : start + rng.choice((1, 1, 2, 3))]
    token = rng.choice((str.lower, str.upper, str.title, str, str))(some[0])
    if token.startswith("-") or token == "|" or (len(some) > 1 and rng.random() < 0.5):
        return '"' + " ".join(some).replace('"', " ") + '"'
    form = rng.random()
    if form < 0.2:
        return token[: rng.randint(1, len(token))] + "*"
    if form < 0.35:
        return token.strip("()[]<>«»,.;:!?*'\"") or token
    return token[1:] or token if form < 0.4 else token


def _value(column: str, *others: str) -> Maker:
    """A value that is stored, in another letter case, or one of some others."""

    def make(rng: random.Random, posts: Sequence[ModelPost]) -> str:
        stored = [value for post in posts if (value := post.text(column).strip())]
        return rng.choice([rng.choice(stored or ["none"]), rng.choice(stored or ["none"]), *others])

    return make


def _number(get: Callable[[ModelPost], int], *, lowest: int = 0, units: bool = False) -> Maker:
    def make(rng: random.Random, posts: Sequence[ModelPost]) -> str:
        number = max(get(rng.choice(posts)) + rng.choice((0, 0, -1, 1)), lowest + 1)
        if units and rng.random() < 0.3:
            return rng.choice(("", ">=", "<=", ">", "<")) + rng.choice(("1K", "1 kb", "4M", "1023"))
        return rng.choice(("", ">=", "<=", ">", "<", "=")) + str(min(number, 2**31 - 2))

    return make


def _date(rng: random.Random, posts: Sequence[ModelPost]) -> str:
    zone = rng.choice((NEW_YORK, timezone.utc))
    moment = datetime.fromtimestamp(rng.choice(posts).utc, zone) + timedelta(seconds=rng.choice((0, 0, -1, 1, 3600)))
    return moment.strftime(rng.choice(("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", *["%Y-%m-%d"] * 4, "%Y-%m", "%Y")))


def _one_of(*choices: str) -> Maker:
    return lambda rng, posts: rng.choice(choices)


def _image(rng: random.Random, posts: Sequence[ModelPost]) -> str:
    hashes = [value for post in posts if len(value := post.text("media_hash")) == 24]
    return rng.choice(hashes or ["x" * 22]).rstrip("=").replace("+", "-").replace("/", "_")


_opened_with = _words("title", "comment", whole=False)

MAKERS: dict[str, Maker] = {
    "text": _words("comment"),
    "subject": _words("title"),
    "op": lambda rng, posts: _opened_with(rng, [post for post in posts if post.is_op]),
    "username": _words("name"),
    "email": _words("email"),
    "filename": _words("media_filename"),
    "tripcode": _value("trip", "!EP8PUI8VW2", "!"),
    "uid": _value("poster_hash", "ABCD1234", "a%"),
    "country": _value("poster_country", "nL", "de", "tÜRKİYE", "türkiye"),
    "capcode": _one_of("user", "Mod", "admin", "dev", "ver", "founder", "MANAGER"),
    "since4pass": _one_of("2016", "2017", "2018"),
    "file": _one_of("with", "without"),
    "spoiler": _one_of("spoiler", "not-spoiler"),
    "extension": _one_of("jpg", ".jpg", "PNG", "png", "webm", "web", "gif", "pdf", "mp4", "swf"),
    "image": _image,
    "width": _number(lambda post: post.number("media_w")),
    "height": _number(lambda post: post.number("media_h")),
    "size": _number(lambda post: post.number("media_size"), units=True),
    "type": _one_of("op", "reply"),
    "sticky": _one_of("sticky", "not-sticky"),
    "deleted": _one_of("deleted", "not-deleted"),
    "ghost": _one_of("only", "none"),
    "length": _number(lambda post: len(post.text("comment"))),
    "subject_length": _number(lambda post: len(post.text("title"))),
    "num": _number(lambda post: int(post.row["num"])),
    "tnum": lambda rng, posts: str(rng.choice(posts).row["thread_num"]),
    "start": _date,
    "end": _date,
}
"""How a value for a field is made up."""

assert MAKERS.keys() == MEANINGS.keys() | TEXTS.keys() | {"op", "start", "end"}
