"""Threads of a board whose site hands out HTML, as vichan-like sites do (Asagi schema notes, section 4.4)."""

from app.demo.draft import ThreadDraft, picture, utc
from app.demo.model import DemoPost


def _reply(label: str, index: int) -> str:
    """A reply link in the manner of such sites: its address, and a handler that a reader must drop."""
    num = f"⟦{label}.{index}⟧"
    handler = f"highlightReply('{num}', event);"
    return f'<a onclick="{handler}" href="/λ/res/⟦{label}.0⟧.html#{num}">&gt;&gt;{num}</a>'


def lambda_threads() -> tuple[ThreadDraft, ...]:
    """Three threads: ordinary talk, every piece of markup, and hostile markup."""
    return _talk(), _markup(), _hostile()


def _talk() -> ThreadDraft:
    start = utc(2023, 3, 1)
    pairs = (
        ("Which loop do you like best?", "Which loop do you like best?"),
        (">>⟦loops.0⟧\nThe one that ends.", f"{_reply('loops', 0)}<br/>The one that ends."),
        (
            ">>⟦loops.1⟧\n>that ends\nBold claim.",
            f'{_reply("loops", 1)}<br/><span class="quote">&gt;that ends</span><br/>Bold claim.',
        ),
        ("Recursion & nothing else.", "Recursion &amp; nothing else."),
    )
    posts = [
        DemoPost(utc=start + 300 * i, name=None, comment=text, comment_html=html)
        for i, (text, html) in enumerate(pairs)
    ]
    posts[0] = DemoPost(
        utc=start,
        name=None,
        comment=pairs[0][0],
        comment_html=pairs[0][1],
        sticky=True,
        picture=picture("loops", ext=".png"),
    )
    posts.append(DemoPost(utc=start + 4000, name=None, picture=picture("flow chart")))
    return ThreadDraft(label="loops", posts=tuple(posts))


def _markup() -> ThreadDraft:
    start = utc(2023, 7, 4)
    pairs = (
        ("Markup of this site.", '<p class="body-line ltr ">Markup of this site.</p>'),
        ("[spoiler]hidden[/spoiler]", '<span class="spoiler">hidden</span>'),
        ("[b]strong[/b] [i]em[/i] [s]struck[/s]", "<strong>strong</strong> <em>em</em> <s>struck</s>"),
        (
            "[code]if (a < b && c)\n    go();[/code]",
            '<pre class="code"><code>if (a &lt; b &amp;&amp; c)\n    go();</code></pre>',
        ),
        (
            "A heading\nand a line",
            '<p class="body-line ltr "><span class="heading">A heading</span></p>'
            '<p class="body-line ltr ">and a line</p>',
        ),
        (
            "https://example.org/?a=1&b=2",
            '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow" target="_blank">https://example.org/?a=1&amp;b=2</a>',
        ),
        (
            ">>⟦loops.1⟧ in another thread, encoded",
            '<a href="/%CE%BB/res/⟦loops.0⟧.html#⟦loops.1⟧">&gt;&gt;⟦loops.1⟧</a> in another thread, encoded',
        ),
        (">>>/sec/12", '<a href="/sec/res/12.html#12">&gt;&gt;&gt;/sec/12</a>'),
        ("λx. x … → 灯", "λx. x &hellip; &rarr; 灯"),
    )
    posts = tuple(
        DemoPost(
            utc=start + 60 * i,
            name=None,
            trip="!K33per" if i == 3 else None,
            comment=text,
            comment_html=html,
            picture=picture(f"markup {i}", ext=".gif") if i in (0, 4) else None,
        )
        for i, (text, html) in enumerate(pairs)
    )
    return ThreadDraft(label="markup", posts=posts)


def _hostile() -> ThreadDraft:
    start = utc(2023, 11, 5, 5, 30)
    pieces = (
        "<script>alert(1)</script>after the script",
        '<a href="javascript:alert(1)" onclick="alert(2)">a link</a>',
        '<img src="x" onerror="alert(3)"><iframe src="//example.org"></iframe><style>body{display:none}</style>kept',
        '<p class="body-line" style="position:fixed" id="main">styled<b>unclosed <i>tags',
        '<a href="data:text/html,<script>alert(4)</script>">data</a></div></body></html>',
        '<svg><a xlink:href="javascript:alert(5)"><text>svg</text></a></svg><math href="javascript:x">m</math>',
    )
    posts = tuple(
        DemoPost(utc=start + 900 * i, name=None, comment=f"Hostile markup {i}.", comment_html=html)
        for i, html in enumerate(pieces)
    )
    return ThreadDraft(label="hostile", posts=posts)
