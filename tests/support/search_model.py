"""What a search must find, said a second time: a plain filter over invented posts, without any code of `app.search`.

It asks no database. Times are true ones and comments are what readers see: the inventor of the posts knows both.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

NEW_YORK = ZoneInfo("America/New_York")
Id = tuple[str, int, int]
"""Board, number, ghost number."""


class ModelPost(Struct):
    """An invented post: its row as it is stored, and what only its inventor knows."""

    row: dict[str, Any]
    utc: int
    comment: str
    """What readers see; a space stands for each tag."""
    filename: str
    removed: bool = False
    """Taken away by the archive's moderators, but still in the table."""

    def text(self, column: str) -> str:
        return self.row.get(column) or ""

    def number(self, column: str) -> int:
        return self.row.get(column) or 0

    @property
    def place(self) -> tuple[int, int]:
        return self.row["num"], self.number("subnum")

    @property
    def has_file(self) -> bool:
        return bool(self.text("media_hash") or self.text("media_orig") or self.text("media_filename"))

    @property
    def is_op(self) -> bool:
        return self.place == (self.row["thread_num"], 0)


class ModelBoard(Struct):
    name: str
    posts: list[ModelPost]
    new_york: bool
    """Whether the board's own clock, that of its newest posts, is New York's."""
    certain: bool
    """Whether times rise with numbers, so that there is one order by time."""
    switched: bool = False
    """Whether older posts are stored by another clock."""


class Words(Protocol):
    """What an engine can find of words."""

    def stand_in(self, typed: str, *seen: str) -> bool:
        """Whether texts have what was typed, as readers see them."""

    def knows(self, typed: str, *stored: str) -> bool:
        """Whether it looks at a post with these texts at all when words are asked for in them."""


class Everywhere:
    """Of an engine that finds words wherever they are."""

    def stand_in(self, typed: str, *seen: str) -> bool:
        return has_words(typed, *seen)

    def knows(self, typed: str, *stored: str) -> bool:
        return True


def find(
    boards: Sequence[ModelBoard],
    asked: Mapping[str, str],
    *,
    oldest_first: bool,
    by_thread: bool,
    words: Words = Everywhere(),  # noqa: B008 - it holds nothing
) -> dict[str, list[tuple[int, int]]]:
    """By board the posts that a search with these keys and values shows, in order."""
    return {
        board.name: [shown for _, shown in _found(board, asked, oldest_first, by_thread, words)] for board in boards
    }


def merged(
    boards: Sequence[ModelBoard],
    asked: Mapping[str, str],
    *,
    oldest_first: bool,
    by_thread: bool,
    words: Words = Everywhere(),  # noqa: B008 - it holds nothing
) -> list[Id] | None:
    """All of them by time, or None where the order is not certain."""
    if not all(board.certain for board in boards):
        return None
    everything = [
        (post.utc if oldest_first else -post.utc, (board.name, *shown))
        for board in boards
        for post, shown in _found(board, asked, oldest_first, by_thread, words)
    ]
    return [shown for _, shown in sorted(everything, key=lambda each: each[0])]


def _found(
    board: ModelBoard, asked: Mapping[str, str], oldest_first: bool, by_thread: bool, words: Words
) -> list[tuple[ModelPost, tuple[int, int]]]:
    shown = [post for post in board.posts if not post.removed]
    ops = {post.row["thread_num"]: post for post in shown if post.is_op}
    found = [
        post
        for post in shown
        if all(
            _holds(key, value, post, board, ops, words) and _known(key, value, post, ops, words)
            for key, value in asked.items()
        )
    ]
    found.sort(key=lambda post: post.place, reverse=not oldest_first)
    if not by_thread:
        return [(post, post.place) for post in found]
    firsts: dict[int, ModelPost] = {}
    for post in found:
        firsts.setdefault(post.row["thread_num"], post)
    return [(post, ops[num].place if num in ops else post.place) for num, post in firsts.items()]


def _holds(
    key: str, value: str, post: ModelPost, board: ModelBoard, ops: Mapping[int, ModelPost], words: Words
) -> bool:
    if key == "op":
        op = ops.get(post.row["thread_num"])
        return op is not None and op is not post and words.stand_in(value, op.text("title"), op.comment)
    if key in ("start", "end"):
        zone = NEW_YORK if board.new_york else timezone.utc
        # As texts, cut to the length of what was asked for, dates compare as they should.
        wall = datetime.fromtimestamp(post.utc, zone).strftime("%Y-%m-%dT%H:%M:%S")[: len(value)]
        return wall >= value if key == "start" else wall <= value
    return words.stand_in(value, TEXTS[key](post)) if key in TEXTS else MEANINGS[key](value, post)


_STORED = {"text": "comment", "subject": "title", "username": "name", "email": "email", "filename": "media_filename"}


def _known(key: str, value: str, post: ModelPost, ops: Mapping[int, ModelPost], words: Words) -> bool:
    """Whether an engine gets to see a post that is as asked."""
    if key == "op":
        op = ops[post.row["thread_num"]]
        return words.knows(value, op.text("title"), op.text("comment"))
    return key not in _STORED or words.knows(value, post.text(_STORED[key]))


def _compare(value: str, number: int) -> bool:
    sign = value[: len(value) - len(value.lstrip("<>="))]
    digits = value[len(sign) :].strip()
    unit = digits.lstrip("0123456789").strip().upper()
    wanted = int(digits[: len(digits) - len(unit)] or digits) * {"": 1, "K": 1024, "M": 1024 * 1024}[unit[:1]]
    return {
        "": number == wanted,
        "=": number == wanted,
        ">=": number >= wanted,
        "<=": number <= wanted,
        ">": number > wanted,
        "<": number < wanted,
    }[sign]


def _of_file(column: str) -> Callable[[str, ModelPost], bool]:
    return lambda value, post: post.has_file and _compare(value, post.number(column))


def _choice(word: str, test: Callable[[ModelPost], Any]) -> Callable[[str, ModelPost], bool]:
    return lambda value, post: bool(test(post)) == (value.lower() == word)


def _extension(post: ModelPost) -> str:
    name = post.text("media_orig") or post.filename
    stem, dot, ending = name.rpartition(".")
    if not stem or not dot:
        return ""
    return "webm" if len(name) == 20 and ending.lower() == "web" else ending.lower()


def _since4pass(post: ModelPost) -> str:
    try:
        facts = json.loads(post.text("exif"))
    except ValueError:
        return ""
    return str(facts.get("since4pass", "")) if isinstance(facts, dict) else ""


_LETTERS = {"user": "N", "mod": "M", "admin": "A", "dev": "D", "ver": "V", "founder": "F", "manager": "G"}

TEXTS: dict[str, Callable[[ModelPost], str]] = {
    "text": lambda post: post.comment,
    "subject": lambda post: post.text("title"),
    "username": lambda post: post.text("name"),
    "email": lambda post: post.text("email"),
    "filename": lambda post: post.filename,
}
"""Fields of which words are looked for."""

MEANINGS: dict[str, Callable[[str, ModelPost], bool]] = {
    "tripcode": lambda value, post: post.text("trip") == value,
    "uid": lambda value, post: post.text("poster_hash") == value,
    "country": lambda value, post: folded(post.text("poster_country")) == folded(value),
    "capcode": lambda value, post: (post.text("capcode") or "N") == _LETTERS[value.lower()],
    "since4pass": lambda value, post: _since4pass(post) == value,
    "file": _choice("with", lambda post: post.has_file),
    "spoiler": lambda value, post: post.has_file and bool(post.number("spoiler")) == (value.lower() == "spoiler"),
    "extension": lambda value, post: _extension(post) == value.lower().removeprefix("."),
    "image": lambda value, post: post.text("media_hash").rstrip("=").replace("+", "-").replace("/", "_") == value,
    "width": _of_file("media_w"),
    "height": _of_file("media_h"),
    "size": _of_file("media_size"),
    "type": _choice("op", lambda post: post.is_op),
    "sticky": _choice("sticky", lambda post: post.number("sticky")),
    "deleted": _choice("deleted", lambda post: post.number("deleted")),
    "ghost": _choice("only", lambda post: post.number("subnum")),
    "length": lambda value, post: _compare(value, len(post.text("comment"))),
    "subject_length": lambda value, post: _compare(value, len(post.text("title"))),
    "num": lambda value, post: _compare(value, post.row["num"]),
    "tnum": lambda value, post: _compare(value, post.row["thread_num"]),
}
"""The others, but for those that look at more than the post: `op`, `start` and `end`."""

# words, letter by letter

_LEFT_ALONE = frozenset("\u017f\u212a\u212b\u2126\u03f4\u03f5" + "".join(map(chr, range(0x1C80, 0x1CC0))))
"""long s, kelvin, ångström, ohm, signs of mathematics, old Cyrillic, Georgian capitals."""


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """Letter cases made equal where one letter stays one letter."""
    return "".join(map(_folded, text))


def _folded(letter: str) -> str:
    forms = (letter.casefold(), letter.lower())
    return letter if letter in _LEFT_ALONE else next((form for form in forms if len(form) == 1), letter)


def has_words(typed: str, *texts: str) -> bool:
    """Whether texts have what was typed; several share the words, but no row of words goes from one to the next."""
    if typed.startswith("=") and typed != "=":
        return texts == (typed[1:],)
    wanted, unwanted = read(typed)
    folded_texts = list(map(folded, texts))
    return all(any(_stands(term, folded_texts) for term in group) for group in wanted) and not any(
        _stands(term, folded_texts) for term in unwanted
    )


class Typed(Struct, frozen=True):
    words: tuple[str, ...]
    goes_on: bool = False


def read(typed: str) -> tuple[list[list[Typed]], list[Typed]]:
    """Groups of which one term each must be there, and terms that must not."""
    wanted: list[list[Typed]] = []
    unwanted: list[Typed] = []
    alternative, place = False, 0
    while place < len(typed):
        if typed[place].isspace():
            place += 1
            continue
        rest = typed[place:]
        minus = rest.startswith("-")
        if rest[minus:].startswith('"'):
            inside = rest[minus + 1 :].partition('"')[0]
            place += minus + 1 + len(inside) + 1
            term = Typed(tuple(folded(inside).split()))
        else:
            token = rest.split()[0]
            place += len(token)
            if token == "|":
                alternative = bool(wanted)
                continue
            minus = minus and len(token) > 1
            word = folded(token[1:] if minus else token)
            bare = word.rstrip("*")
            term = Typed((bare,) if bare and bare != "-" else (), word != bare)
        if not term.words:
            continue
        if minus:
            unwanted.append(term)
        elif alternative:
            wanted[-1].append(term)
        else:
            wanted.append([term])
        alternative = False
    return wanted, unwanted


def _stands(term: Typed, texts: Sequence[str]) -> bool:
    first = re.escape(term.words[0][0])
    return any(_stands_at(term, text, found.start()) for text in texts for found in re.finditer(first, text))


def _stands_at(term: Typed, text: str, place: int) -> bool:
    end = place
    for nth, word in enumerate(term.words):
        if nth:
            spaces = len(text[end:]) - len(text[end:].lstrip())
            if not spaces:
                return False
            end += spaces
        if not text.startswith(word, end):
            return False
        end += len(word)
    before = text[place - 1 : place]
    if joins(text[place]) and before and joins(before):
        return False
    return term.goes_on or not joins(text[end - 1]) or end == len(text) or not joins(text[end])


def joins(character: str) -> bool:
    """Whether it makes one word with a letter beside it: letters, digits and marks, but for scripts without spaces."""
    name = unicodedata.name(character, "")
    if name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "MYANMAR", "KHMER", "IDEOGRAPHIC")):
        return False
    return character.isalnum() or unicodedata.category(character).startswith("M")


class WordIndex:
    """Of an engine that looks words up in an index, which cuts texts into its own words: rows of its letters.

    It is asked only for words all of whose characters are letters to it and to us; it cannot find one where a
    character stands beside it that is a letter to it alone."""

    def __init__(self, letters: Mapping[str, str], *, shortest_prefix: int) -> None:
        """`letters` are its own, with what they are folded to."""
        self._letters = letters
        self._shortest_prefix = shortest_prefix

    def stand_in(self, typed: str, *seen: str) -> bool:
        return has_words(typed, *seen)

    def knows(self, typed: str, *stored: str) -> bool:
        if typed.startswith("=") and typed != "=":
            return True  # the same text has the same words
        there = {word for text in stored for word, _ in self._cut(text)}
        return all(any(self._finds(term, there) for term in group) for group in read(typed)[0])

    def _finds(self, term: Typed, there: set[str]) -> bool:
        last = term.words[-1]
        for nth, word in enumerate(term.words, 1):
            for piece, end in self._cut(word):
                if not all(map(joins, piece)):
                    continue
                if term.goes_on and nth == len(term.words) and end == len(last):
                    if len(piece) >= self._shortest_prefix and not any(each.startswith(piece) for each in there):
                        return False
                elif piece not in there:
                    return False
        return True

    def _cut(self, text: str) -> list[tuple[str, int]]:
        """Its words, each with where it ends."""
        found: list[tuple[str, int]] = []
        word = ""
        for place, character in enumerate(f"{text} "):
            letter = self._letters.get(character, "")
            if not letter and word:
                found.append((word, place))
            word = word + letter if letter else ""
        return found


def letters_up_to(end: int) -> dict[str, str]:
    """The characters that make up words for us, with what they are folded to."""
    return {c: folded(c) for c in map(chr, range(end)) if joins(folded(c))}


def letters_from(first: int) -> dict[str, str]:
    """All characters there may be."""
    return {c: c for c in map(chr, range(first, 0x110000))}
