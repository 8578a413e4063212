"""Threads that hold every form a comment can take: tags, quotes, scripts of the world, hostile text.

Forms follow the Asagi schema notes, sections 4 and 8.1, and the FoolFuuka notes, section 3.
"""

from typing import Final

from app.demo.draft import ThreadDraft, picture, utc
from app.demo.model import DemoPost

MARKUP: Final = (
    "Every tag once, below. This post has none.",
    "The ending: [spoiler]the lamp was the keeper[/spoiler] and that is all.",
    "One line [code]ls -l | wc -l[/code] and several:\n"
    '[code]for lamp in $(seq 3); do\n    echo "$lamp"  # [b]not bold[/b]\ndone[/code]',
    "[b]bold[/b] [i]slanted[/i] [u]under[/u] [s]struck[/s] [o]over[/o] H[sub]2[/sub]O and 2[sup]10[/sup]",
    "[math]e^{i\\pi} + 1 < 2[/math] inline and displayed: [eqn]\\sum_{n=1}^{9} n = 45[/eqn]",
    "I posted about trains in the boat thread.\n\n[banned](USER WAS BANNED FOR THIS POST)[/banned]",
    "[moot]A note in a box, kept by the site's owner.[/moot]",
    "[info]This line was added by an editor.[/info]",
    'What will tomorrow bring?\n\n[fortune color="#fd4d32"]Your fortune: a good tea[/fortune]',
    "[fortune color=#0b7a3c]Your fortune: an unquoted colour[/fortune]\n[fortune]Your fortune: none at all[/fortune]",
    "[shiftjis]\u3000 ∧__∧\n\u3000( ・ω・)\n\u3000 つ\u3000つ[/shiftjis]",
    "[sjis]\u3000 /\\_/\\\n\u3000( o.o )[/sjis]",
    '[qstcolor=red]The gate opens.[/qstcolor] [qstcolor="blue"]The gate closes.[/qstcolor]',
    "Typed by hand: [spoiler:lit]shown[/spoiler:lit] [code:lit]x = 1[/code:lit] "
    "[banned:lit]no[/banned:lit] [moot:lit]no[/moot:lit]",
    "An unclosed [spoiler]runs to the end\nof the post",
    "A stray [/spoiler] closer, a stray [/b] and [unknown]an unknown tag[/unknown].",
    "[b][i]crossed[/b] tags[/i] and [s][spoiler]the other way[/s] round[/spoiler]",
    "[spoiler]outer [spoiler]inner [spoiler]innermost[/spoiler] inner[/spoiler] outer[/spoiler]",
    "[SPOILER]upper case[/SPOILER] [B]loud[/b] [Code]Mixed()[/CODE]",
    "[code]an unclosed block\n>that holds a quote\n>>1",
    ">a line of green\nplain\n > not green\n>[spoiler]green and hidden[/spoiler]\n"
    "[spoiler]>hidden, not green[/spoiler]",
    "See https://example.org/a_(b)?x=1&y=2#top, http://example.net. "
    "and <https://example.com/>; www.example.org\n"
    "[code]https://example.org/in/code[/code]",
    "Emoji 🏮🦦👩‍🚀, flags 🇫🇮 and a keycap 3️⃣",
    "مرحبا بالعالم and שלום עולם in one line, then \u202eturned around\u202c again",
    "灯台の下は暗い。등잔 밑이 어둡다. Ελληνικά, кириллица, İstanbul, Z\u0351\u036b\u0343algo",
    "Control \x01 \x07 \x1b[31m characters \x7f and\r\nCRLF, a tab\there, "
    "\ufeffa byte order mark, a line\u2028separator",
    "Entities left over: &amp; &gt; &#x27; &hearts; &lt;b&gt; &unknown;",
    "   \n\n  blank lines and blanks around  \n\n\n",
    "x" * 5000,
    "[spoiler]" * 60 + "deep" + "[/spoiler]" * 60,
)
"""One comment per reply of the markup thread."""

SCRIPT: Final = "<script>alert('demo')</script>"

HOSTILE: Final = (
    f"{SCRIPT}\n<img src=x onerror=alert(1)>\n</title></textarea><svg/onload=alert(2)>",
    'javascript:alert(1) http://example.org/"onmouseover="alert(1) https://example.org/\'><b>x',
    '[fortune color="red;background:url(javascript:alert(1))"]x[/fortune][qstcolor=red" onclick="alert(1)]y[/qstcolor]',
    "[math]</script><script>alert(3)</script>[/math] [eqn]\\href{javascript:alert(4)}{x}[/eqn]",
    '>>>/g/"><script>alert(5)</script> >>1"onclick=alert(6) {{ 7*7 }} {% raw %} ${7*7} %s %(x)s',
    "' OR '1'='1'; DROP TABLE g; -- \\' \\\" \\0 \\\\",
)


def _long_text() -> str:
    line = "The tide table of the demo harbour, line {:04d}: high water at dawn, low water at noon."
    return "\n".join(line.format(index) for index in range(700))[:60_000]


def markup_thread() -> ThreadDraft:
    """One post per tag form, then empty comments and a comment of 60 kB."""
    start = utc(2022, 9, 3)
    posts = [DemoPost(utc=start + 60 * i, comment=text) for i, text in enumerate((*MARKUP, None, "", _long_text()))]
    posts[0] = DemoPost(
        utc=start, subject="Markup, all of it", comment=MARKUP[0], picture=picture("markup", ext=".png")
    )
    # Posts without a comment show a picture instead, as sites demand.
    posts[-3] = DemoPost(utc=posts[-3].utc, comment=None, picture=picture("no comment", ext=".gif"))
    posts[-2] = DemoPost(utc=posts[-2].utc, comment="", picture=picture("empty comment"))
    return ThreadDraft(label="markup", posts=tuple(posts))


def quote_thread(last_thread: str) -> ThreadDraft:
    """Quotes of every kind; `last_thread` labels another thread of the same board."""
    start = utc(2022, 12, 2)
    comments = (
        "Quote things here.",
        ">>⟦quotes.0⟧\nThe opening post.",
        ">>⟦quotes.1⟧\n>>⟦quotes.0⟧\n>The opening post.\nTwo of this thread.",
        f">>⟦{last_thread}.0⟧\n>>⟦{last_thread}.1⟧\nAnother thread of this board.",
        ">>>/ck/2300001 another board, >>>/ck/ its index, >>>/3/ and >>>/λ/ too",
        ">>4 a post nobody kept, >>>/ck/7 neither",
        ">>⟦ghost.4⟧,1 a ghost post, >>>/g/⟦ghost.4⟧,2 the long way",
        ">>>/b/ and >>>/b/12345 and >>>/nowhere/1 are unknown here; >>>/g/ is this board",
        ">>⟦quotes.8⟧ itself, >>⟦quotes.9⟧ the next one, >>>⟦quotes.0⟧ one arrow too many",
        ">>>/g/⟦quotes.0⟧ >>⟦quotes.0⟧>>⟦quotes.1⟧ x>>⟦quotes.2⟧ >>99999999999999999999 >>0",
        "[spoiler]>>⟦quotes.1⟧[/spoiler] [code]>>⟦quotes.1⟧[/code] >>⟦quotes.1⟧_1 >>⟦quotes.1⟧.",
        ">>⟦hole.0⟧ an opening post nobody saved, >>⟦deleted.3⟧ a reply a moderator took away",
    )
    posts = tuple(DemoPost(utc=start + 45 * i, comment=text) for i, text in enumerate(comments))
    return ThreadDraft(label="quotes", posts=posts)


def hostile_thread() -> ThreadDraft:
    """Markup, scripts and broken values in every column that holds text."""
    start = utc(2022, 10, 8)
    posts = [
        DemoPost(
            utc=start,
            subject=f"</title>{SCRIPT}",
            name=f"<b>bold name</b>{SCRIPT}",
            trip='!"><script>x()</script>',
            poster_hash="\"><s>&'x",
            email='javascript:alert(1)//"><i>',
            country="<b",
            comment=HOSTILE[0],
            exif=f'{{"Camera":"{SCRIPT}","</title>":["<b>","\\"><i>"],"comment":"<script>alert(7)</script>"}}',
            picture=picture("hostile op", f'"><img src=x onerror=alert(8)>{SCRIPT}.jpg'),
        ),
        *(DemoPost(utc=start + 30 * i, comment=text) for i, text in enumerate(HOSTILE[1:], 1)),
        DemoPost(
            utc=start + 400,
            comment="A server name that climbs.",
            picture=picture("hostile path", "../../passwd", "", tim="../../../../etc/passwd", missing=True),
        ),
        DemoPost(
            utc=start + 430,
            comment="A hash that is no hash.",
            picture=picture("hostile hash", "odd.jpg", stored_hash='"><b onclick=x>'),
        ),
        DemoPost(
            utc=start + 460,
            comment="A server name with markup and one with a scheme.",
            picture=picture("hostile name", "\u202egpj.exe", server_ext=".svg", tim='"><svg onload=x>', missing=True),
        ),
        DemoPost(
            utc=start + 490,
            subject="\x08{{config}}\u202e",
            name="' OR 1=1 --",
            comment="Odd name, odd subject.",
        ),
    ]
    return ThreadDraft(label="hostile", posts=tuple(posts))
