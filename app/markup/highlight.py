"""Colours for code in comments, by classes of their own style sheet.

Nobody stores what language a post's code is in, so it is guessed from words and signs that give languages away;
code that gives nothing away stays plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from types import MappingProxyType
from typing import Any, ClassVar, Final

from pygments.lexer import Lexer, RegexLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer
from pygments.lexers.sql import SqlLexer
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Text

LONGEST: Final = 4000
"""Characters of code that are coloured. More stays plain: some lexers take quadratic time for what is no code."""

CLASSES: Final = ("code-comment", "code-keyword", "code-name", "code-number", "code-string")
"""Every class that coloured code has."""

_LOOKED_AT: Final = 2000  # characters from which the language is guessed
_ENOUGH: Final = 2  # signs of a language that must be there

_KEYWORDS: Final = (
    r"\b(?:abstract|as|async|auto|await|bool|boolean|break|byte|case|catch|char|class|const|continue|default|defer|"
    r"delete|do|double|else|enum|export|extends|extern|final|finally|float|fn|for|foreach|func|function|go|goto|"
    r"if|impl|implements|import|in|inline|int|interface|let|long|loop|match|mod|mut|namespace|new|null|nullptr|"
    r"object|override|package|pass|private|protected|pub|public|range|return|self|short|signed|sizeof|static|"
    r"string|struct|super|switch|template|this|throw|throws|trait|true|false|try|type|typedef|typename|typeof|"
    r"union|unsafe|unsigned|use|using|var|virtual|void|volatile|where|while|yield"
    r")\b"
)


class Braces(RegexLexer):
    """C and all that looks like it: C++, C#, Java, JavaScript, Go, Rust, PHP.

    The lexers that Pygments has for these take seconds for a page of empty lines or of words; this one is linear.
    """

    name = "Braces"
    flags = re.MULTILINE
    tokens: ClassVar[Mapping[str, Any]] = {
        "root": [
            (r"//[^\n]*", Comment),
            (r"/\*", Comment, "comment"),
            (r'"', String, "string"),
            (r"`", String, "template"),
            (r"'(?:\\[^\n]|[^'\\\n]){0,200}'", String),
            (r"^#[ \t]{0,8}[a-z]+", Name.Function),
            (r"[0-9][\w.]*", Number),
            (_KEYWORDS, Keyword),
            (r"[A-Za-z_]\w{0,60}(?=\()", Name.Function),
            (r"\w+|\s+|[^\w\s]", Text),
        ],
        "comment": [(r"\*/", Comment, "#pop"), (r"[^*]+|\*", Comment)],
        "string": [(r'["\n]', String, "#pop"), (r'[^"\\\n]+|\\[^\n]|\\', String)],
        "template": [(r"`", String, "#pop"), (r"[^`]+", String)],
    }


class Tags(RegexLexer):
    """HTML and XML; the lexer of Pygments is quadratic where tags do not end."""

    name = "Tags"
    tokens: ClassVar[Mapping[str, Any]] = {
        "root": [(r"<!--", Comment, "comment"), (r"</?[\w:-]{1,60}", Name.Tag, "tag"), (r"[^<]+|<", Text)],
        "comment": [(r"-->", Comment, "#pop"), (r"[^-]+|-", Comment)],
        "tag": [
            (r"/?>", Name.Tag, "#pop"),
            (r'"', String, "double"),
            (r"'", String, "single"),
            (r"[\w:-]+", Name.Attribute),
            (r"[^\w:\"'/>-]+|/", Text),
        ],
        "double": [(r'"', String, "#pop"), (r'[^"]+', String)],
        "single": [(r"'", String, "#pop"), (r"[^']+", String)],
    }


class Patch(RegexLexer):
    """Differences between files; the lexer of Pygments is quadratic where no line ends."""

    name = "Patch"
    flags = re.MULTILINE
    tokens: ClassVar[Mapping[str, Any]] = {
        "root": [
            (r"^(?:---|\+\+\+|@@)[^\n]*", Generic.Heading),
            (r"^-[^\n]*", Generic.Deleted),
            (r"^\+[^\n]*", Generic.Inserted),
            (r"[^\n]+|\n", Text),
        ]
    }


_COLOURS: Final = MappingProxyType(
    {
        Comment: "code-comment",
        Comment.Preproc: "code-name",
        Keyword: "code-keyword",
        Keyword.Constant: "code-number",
        Operator.Word: "code-keyword",
        Name.Tag: "code-keyword",
        Name.Attribute: "code-name",
        Name.Builtin: "code-name",
        Name.Class: "code-name",
        Name.Decorator: "code-name",
        Name.Function: "code-name",
        Number: "code-number",
        String: "code-string",
        Generic.Deleted: "code-number",
        Generic.Inserted: "code-string",
        Generic.Heading: "code-keyword",
    }
)
"""Class of each kind of word; the kinds below one of these have the same, all others have none."""

_SIGNS: Final[tuple[tuple[Lexer, tuple[str, ...]], ...]] = (
    (Patch(), (r"^@@ -", r"^\+\+\+ ", r"^--- ", r"^diff -", r"^index [0-9a-f]{7}")),
    (
        PythonLexer(),
        (
            r"^[ \t]{0,40}(?:async )?def \w{1,60}\(",
            r"^[ \t]{0,40}(?:from [\w.]{1,60} )?import [\w., ]{1,60}$",
            r"^[ \t]{0,40}(?:if|elif|for|while|with|class|except) [^\n;{]{1,100}:[ \t]{0,9}$",
            r"^[ \t]{0,40}(?:try|else|finally):[ \t]{0,9}$",
            r"\bself\.\w|\b__\w{1,30}__\b",
            r"\b(?:None|True|False)\b",
            r"\bprint\(|\brange\(|\blen\(",
            r"^>>> ",
        ),
    ),
    (
        Tags(),
        (
            r"<!(?:DOCTYPE|--)|<html\b",
            r"</\w{1,20}>",
            r"<(?:a|body|div|head|img|li|p|script|span|style|table|ul)\b",
            r"\b(?:class|href|id|src|style)=[\"']",
        ),
    ),
    (
        BashLexer(),
        (
            r"^#![^\n]{0,40}sh\b",
            r"^[$#] \w",
            r"\b(?:sudo|apt|apt-get|cd|chmod|cp|curl|echo|git|grep|make|mkdir|mv|pacman|rm|sed|wget) [\w./~$\"'-]",
            r"^[ \t]{0,40}(?:fi|done|esac|then)\b",
            r"\$\{?\w|\$\(",
            r" \| \w",
            r" --?[a-z]",
        ),
    ),
    (
        SqlLexer(),
        (
            r"(?i:\bselect\b)",
            r"(?i:\bfrom \w)",
            r"(?i:\bwhere \w)",
            r"(?i:\b(?:insert into|create table|delete from|alter table|update \w{1,40} set)\b)",
            r"(?i:\b(?:join|group by|order by|limit [0-9])\b)",
        ),
    ),
    (
        Braces(),
        (
            r"[\w)\]\"']; {0,9}$",
            r"[{}];? {0,9}$",
            r"^#(?:define|include|ifdef|ifndef)\b",
            r"\b(?:bool|char|double|float|int|long|string|void)\b[ *&]{1,9}\w",
            r"//|/\*",
            r"\b(?:const|let|var|function)\b|=>",
            r"\b(?:class|namespace|package|private|public|static|struct|using)\b",
            r"\b(?:fn|func) \w|:=",
            r"std::|\b(?:printf|println)\b|\bconsole\.log|\bSystem\.|\bfmt\.|\bdocument\.",
            r"\breturn\b",
        ),
    ),
)
"""Each lexer with the signs of its languages. All read at most a line each, so that none takes long."""

_LEXERS: Final = tuple((lexer, tuple(re.compile(sign, re.MULTILINE) for sign in signs)) for lexer, signs in _SIGNS)


@lru_cache(maxsize=256)
def highlighted(code: str) -> str | None:
    """The code as HTML, escaped, with coloured words in `span` elements; None where it is to stay plain."""
    if len(code) > LONGEST or (lexer := _lexer_for(code[:_LOOKED_AT])) is None:
        return None
    out, text = [], []
    for colour, piece in _coloured(lexer, code):
        out.append(f'<span class="{colour}">{escape(piece)}</span>' if colour else escape(piece))
        text.append(piece)
    return "".join(out) if "".join(text) == code else None


def _lexer_for(code: str) -> Lexer | None:
    """The lexer most of whose signs are there, if there are enough of them; of equal ones the first."""
    found, most = None, _ENOUGH - 1
    for lexer, signs in _LEXERS:
        count = sum(sign.search(code) is not None for sign in signs)
        if count > most:
            found, most = lexer, count
    return found


def _coloured(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    """(class or "", text) of the code from its start to its end, pieces of one colour in one."""
    last, pieces = "", list[str]()
    for _, kind, text in lexer.get_tokens_unprocessed(code):
        colour = _colour(kind)
        if colour != last and pieces:
            yield last, "".join(pieces)
            pieces.clear()
        last = colour
        pieces.append(text)
    if pieces:
        yield last, "".join(pieces)


@lru_cache(maxsize=512)
def _colour(kind: Any) -> str:
    while kind is not None:
        if kind in _COLOURS:
            return _COLOURS[kind]
        kind = kind.parent
    return ""
