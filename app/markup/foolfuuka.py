"""Comments as FoolFuuka's `comment_processed`: the HTML that its clients take apart (FoolFuuka notes, section 3).

Every string that comes from a post passes ``escape_named``; all else is fixed text of this file. Not for our own pages:
spans may cross, formulas stand in script elements, colours are inline styles.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import codepoint2name
from string import ascii_letters, digits

from app.markup.inline import QUOTE, find_url, read_quote
from app.markup.page import QuoteLink
from app.markup.tokens import GREEN, QUOTE_LINE, BoardLink, Close, Code, Comment, Math, Newline, Open, Quote, Text, Url

_SPAN = "</span>"
# Opening and closing of each tag. FoolFuuka has no moot and no heading; those two are of our own making.
_ELEMENTS = {
    GREEN: ('<span class="greentext">', _SPAN),
    QUOTE_LINE: ('<span class="greentext">', _SPAN),
    "spoiler": ('<span class="spoiler">', _SPAN),
    "b": ("<strong>", "</strong>"),
    "i": ("<em>", "</em>"),
    "u": ('<span class="underline">', _SPAN),
    "o": ('<span class="overline">', _SPAN),
    "s": ('<span class="strikethrough">', _SPAN),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
    "banned": ('<span class="banned">', _SPAN),
    "moot": ('<span class="moot" style="border: 1px dashed #c33; padding: 0 4px">', _SPAN),
    "info": ('<span class="alert alert-info">', _SPAN),
    "fortune": ('<strong><span class="fortune" style="color: %s">', "</span></strong>"),
    "shiftjis": ('<span class="shift-jis">', _SPAN),
    "qstcolor": ('<span class="qst-color %s">', _SPAN),
    "heading": ("<strong>", "</strong>"),
}
_TRIMMED = " \t\r\n\0\v"

_NAMED = {chr(number): f"&{name};" for number, name in codepoint2name.items() if number > 127}
_named = re.compile(f"[{''.join(_NAMED)}]")

# What FoolFuuka takes for the end of a host name: the top-level domains there were before 2014.
_DOMAINS = """
    com net org edu gov mil aero asia biz cat coop info int jobs mobi museum name post pro tel travel xxx
    ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz
    ca cc cd cf cg ch ci ck cl cm cn co cr cs cu cv cx cy cz dd de dj dk dm do dz ec ee eg eh er es et eu
    fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu
    id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly
    ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om
    pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su
    sv sx sy sz tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws
    ye yt yu za zm zw
"""
_ending = re.compile(rf"(?ai)\.(?=[a-z]{{2}})(?:{'|'.join(_DOMAINS.split())})(?![\w@])")
_host = re.compile(rf"(?ai)[a-z0-9]+(?:[.-][a-z0-9]+)*{_ending.pattern.removeprefix('(?ai)')}")
_HOST_CHARACTERS = f"{ascii_letters}{digits}.-"
_NEVER_BEFORE_HOST = f"{ascii_letters}{digits}_@"
_LONGEST_HOST = 253
_LONGEST_LINK = 2048
_HTTP = "http://"

_link_in_code = re.compile(f"{QUOTE}|://")


def escape_named(text: str) -> str:
    """The text as HTML in which every character that HTML 4.01 has a name for is written by that name."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text if text.isascii() else _named.sub(_by_name, text)


def to_foolfuuka(comment: Comment, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]) -> str:
    """The comment in FoolFuuka's HTML, whose spans may cross.

    `link` says where a quote leads; one without classes is a bare link (a board that the archive lacks), one without
    an address is text. Notes are not used. `board_href` gives the address of any board.
    """
    out: list[str] = []
    add = out.append
    for token in comment.tokens:
        if isinstance(token, Text):
            add(_words(token.text))
        elif isinstance(token, Newline):
            add("\n")
        elif isinstance(token, Close):
            if not token.split:
                add(_ELEMENTS[token.tag][1])
        elif isinstance(token, Open):
            if not token.split:
                opening = _ELEMENTS[token.tag][0]
                add(opening if token.value is None else opening % escape_named(token.value))
        elif isinstance(token, Code):
            code = _code(token.text, link, board_href).replace("\n", "<br>")
            add(f"<pre>{code}</pre>" if token.block else f"<code>{code}</code>")
        elif isinstance(token, Math):
            # Escaped as FoolFuuka does it, though scripts know no references: so no formula can end its script.
            mode = "; mode=display" if token.display else ""
            add(f'<script type="math/tex{mode}">{escape_named(token.tex)}</script>')
        else:
            add(_linked(token, link, board_href))
    return "".join(out).strip(_TRIMMED).replace("\n", "<br />\n")


def _by_name(match: re.Match[str]) -> str:
    return _NAMED[match.group()]


def _linked(
    token: Quote | BoardLink | Url, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]
) -> str:
    text = escape_named(token.text)
    if isinstance(token, Url):
        return _link_out(escape_named(token.href), text)
    if isinstance(token, BoardLink):
        return f'<a href="{escape_named(board_href(token.board))}">{text}</a>'
    target = link(token)
    if target.href is None:
        return text
    href = escape_named(target.href)
    if not target.classes:
        return f'<a href="{href}">{text}</a>'
    return (
        f'<a href="{href}" class="{escape_named(target.classes)}" data-function="highlight" data-backlink="true"'
        f' data-board="{escape_named(target.board)}" data-post="{escape_named(target.post)}">{text}</a>'
    )


def _link_out(href: str, text: str) -> str:
    return f'<a href="{href}" target="_blank" rel="nofollow">{text}</a>'


def _words(text: str) -> str:
    """A run of text, in which FoolFuuka links host names that stand without a scheme."""
    out: list[str] = []
    done = 0
    for match in _ending.finditer(text) if "." in text else ():
        dot = match.start()
        if dot < done:
            continue
        name = text[max(done, dot - _LONGEST_HOST) : dot]
        name = name[len(name.rstrip(_HOST_CHARACTERS)) :].rpartition("..")[2].lstrip(".-")
        start = dot - len(name)
        if start and text[start - 1] in _NEVER_BEFORE_HOST:
            continue
        host = _host.match(text, start)
        if host is None:
            continue
        bare = host.group()
        if text.startswith("/", host.end()):
            url = find_url(_HTTP + text[start : start + _LONGEST_LINK], 0, _HTTP.index(":"))
            bare = bare if url is None else url.href.removeprefix(_HTTP)
        shown = escape_named(bare)
        out.append(f"{escape_named(text[done:start])}{_link_out(_HTTP + shown, shown)}")
        done = start + len(bare)
    out.append(escape_named(text[done:]))
    return "".join(out)


def _code(text: str, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]) -> str:
    """Code, in which FoolFuuka links URLs and quotes as everywhere else."""
    out: list[str] = []
    done = 0
    for match in _link_in_code.finditer(text):
        start = match.start()
        if start < done:
            continue
        token = find_url(text, done, start) if match.lastindex is None else read_quote(match)
        if token is None:
            continue
        if isinstance(token, Url):
            start -= token.href.index(":")
        out.append(_words(text[done:start]) + _linked(token, link, board_href))
        done = start + len(token.text)
    out.append(_words(text[done:]))
    return "".join(out)
