"""Comments on our pages: a golden file for each row of the notes' tables, colours of code, formulas, fortunes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.assets import assets
from app.markup import Effort, parse, to_html
from app.markup.colours import FORTUNES, QUESTS, fortune_class, quest_class
from app.markup.highlight import CLASSES, LONGEST, Braces, Patch, Tags, highlighted
from app.markup.mathml import LONGEST as LONGEST_TEX
from app.markup.mathml import mathml
from tests.test_markup import board_href, link

GOLDEN = json.loads((Path(__file__).parent / "golden" / "comments.json").read_text("utf-8"))


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['table']}: {row['row']}")
def test_each_row_of_the_notes(row: dict[str, str]) -> None:
    assert str(to_html(parse(row["stored"], row["dialect"]), link, board_href)) == row["html"]


CODE = [
    ("def f(x):\n    return None  # nothing", ["def", "f", "return", "None", "# nothing"]),
    ('#include <a.h>\nint main(void) {\n  puts("<b>\\"");  // c\n}', ["#include", "int", "main", "void", "puts"]),
    ("const a = () => { return 'x'; };", ["const", "return", "'x'"]),
    ("for f in *.c; do\n  echo $f | wc\ndone", ["for", "in", "do", "echo", "done"]),
    ("<p class='a'>b</p>", ["p", "class", "'a'", "p"]),
    ("SELECT a FROM b WHERE c = 1", ["SELECT", "FROM", "WHERE"]),
    ("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same", ["--- a\n+++ b\n@@ -1 +1 @@", "-old", "+new"]),
]


@pytest.mark.parametrize(("code", "coloured"), CODE)
def test_code_has_colours_and_is_the_same(code: str, coloured: list[str]) -> None:
    out = highlighted(code)
    assert out is not None
    assert "".join(ElementTree.fromstring(f"<p>{out}</p>").itertext()) == code
    assert set(re.findall(r'<span class="([^"]*)">', out)) <= set(CLASSES)
    found = [unescape(piece) for piece in re.findall(r"<span[^>]*>(.*?)</span>", out, re.DOTALL)]
    joined = "\n".join(found)
    assert all(piece in joined for piece in coloured), found


@pytest.mark.parametrize(
    "code", ["", "just some words", "  1  2\n  3  4", "a" * 50, "\n" * 50, "int x;\n" * (LONGEST // 7 + 1)]
)
def test_what_is_left_plain(code: str) -> None:
    assert highlighted(code) is None


def test_code_of_a_long_comment_is_coloured_at_its_start_only() -> None:
    block = "int a = 1;\n" * 200
    stored = "".join(f"[code]{block}{number}[/code]" for number in range(20))
    out = str(to_html(parse(stored, "bbcode"), link))
    assert 0 < out.count("code-keyword") <= 8000 // 11
    assert unescape(re.sub(r"<[^>]*>", "", out)).count("int a = 1;") == 200 * 20


def test_a_page_of_nothing_but_code_and_formulas_is_coloured_at_its_start_only() -> None:
    effort, block, formula = Effort(900), "int a = 1;\n" * 36, "x^2" * 100
    stored = [f"[code]{block}{number}[/code][math]{formula}[/math]" for number in range(9)]
    out = [str(to_html(parse(text, "bbcode"), link, effort=effort)) for text in stored]
    assert [("code-keyword" in each, "<math>" in each) for each in out] == [(True, True)] + [(False, False)] * 8
    assert all(unescape(re.sub(r"<[^>]*>", "", each)).count("int a = 1;") == 36 for each in out)


def test_marked_words_take_the_place_of_colours() -> None:
    out = to_html(parse("[code]int a;\nint b;[/code]", "bbcode"), link, None, lambda text: [(0, 3)])
    assert out == '<pre tabindex="0"><code><mark>int</mark> a;\nint b;</code></pre>'


def calls(work: Callable[[], Any]) -> int:
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "atom", ["\n", '"', "'", "/*", "`", "a ", "a(", "#a\n", "\\", '"\\', "9", "é", " ", "<", "<a ", "<!-", "<a b='"]
)
@pytest.mark.parametrize("lexer", [Braces(), Patch(), Tags()], ids=["braces", "patch", "tags"])
def test_our_own_lexers_take_every_character_once(lexer: Any, atom: str) -> None:
    code = (atom * 4000)[:4000]
    tokens = list(lexer.get_tokens_unprocessed(code))
    assert "".join(text for _, _, text in tokens) == code
    assert calls(lambda: list(lexer.get_tokens_unprocessed(code))) <= 16 * len(code)


FORMULAS = [
    ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
    (r"\frac{a}{b}", "<mfrac>"),
    (r"\sqrt[3]{x}", "<mroot>"),
    (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", "<mtable>"),
    (r"\text{if } a < b", "<mtext>"),
    (r"\href{javascript:alert(1)}{x}", "<mi>x</mi>"),
    (r"\style{background:url(//x.example)}{x}", "<mi>x</mi>"),
    (r"\class{stub}{x}", "<mi>x</mi>"),
    (r"\color{red}x", "<mi>x</mi>"),
    (r"\hspace{99999em}x", "<mspace></mspace>"),
    ("</math><script>x</script>", "<mo>&lt;</mo>"),
    ("10^{999999999999}", "<mn>999999999999</mn>"),
]


@pytest.mark.parametrize(("tex", "drawn"), FORMULAS)
def test_formulas_are_drawn_and_tell_their_source(tex: str, drawn: str) -> None:
    out = mathml(tex, False)
    assert out is not None and drawn in out
    picture, _, rest = out.partition("<annotation")
    assert unescape(rest[rest.index(">") + 1 : rest.index("<")]) == tex
    for raw in ("javascript", "url(", "stub", "red", "99999em", "<script", "style=", "class=", "href"):
        assert raw not in picture


@pytest.mark.parametrize(
    "tex",
    [
        "",
        "{",
        r"\frac{a}",
        r"\nosuchcommand x",
        r"\cancel{x}",
        "{" * 400 + "x" + "}" * 400,
        "x" * LONGEST_TEX,
        "x" * (LONGEST_TEX + 1),
        r"\sqrt{" * 70 + "x" + "}" * 70,
        r"\newcommand{\a}{xx}\a",
        r"\def\a{\a\a}\a",
        r"\providecommand{\a}{x}\a",
        r"\left(",
        "a^b^c",
    ],
)
def test_what_cannot_be_drawn_is_shown_as_it_was_typed(tex: str) -> None:
    assert mathml(tex, True) is None
    out = to_html(parse(f"[eqn]{tex}[/eqn]", "bbcode"), link)
    assert unescape(re.sub(r"<[^>]*>", "", out)) == tex
    assert out.startswith('<code class="math display">')


def test_each_colour_has_its_class_in_the_style_sheet() -> None:
    sheet = assets()["koiwai.css"].body.decode()
    for number, colour in enumerate(FORTUNES, 1):
        shown = "#" + bytes(colour).hex()
        assert fortune_class(shown) == fortune_class(shown.upper()) == f"fortune-{number}"
        assert f".fortune-{number} {{\nbackground: {shown};" in sheet
    for name in QUESTS:
        assert quest_class(name.upper()) == f"qst-{name}"
        assert f".qst-{name} {{" in sheet
    for name in CLASSES:
        assert f".{name} {{" in sheet


@pytest.mark.parametrize("colour", ["", "red", "#12", "#1234567", "#ggg", "fd4d3٣", 'x" onclick="y'])
def test_what_is_no_colour_has_no_class(colour: str) -> None:
    assert fortune_class(colour) == ""


def test_fortunes_can_be_read() -> None:
    """The words are black or white, whichever the sheet says, on the fortune's own colour."""
    sheet = assets()["koiwai.css"].body.decode()
    white = re.search(r"((?:\.fortune-\d+,?\s*)+)\{\ncolor: #fff;", sheet)
    assert white is not None
    on_white = {int(number) for number in re.findall(r"\d+", white[1])}
    for number, colour in enumerate(FORTUNES, 1):
        light = sum(share * linear(part / 255) for share, part in zip((0.2126, 0.7152, 0.0722), colour, strict=True))
        contrast = 1.05 / (light + 0.05) if number in on_white else (light + 0.05) / 0.05
        assert contrast >= 4.5, number


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
