"""What the programs that read FoolFuuka archives ask for and read: FoolFuuka notes, section 7, as shapes.

Those that can be installed (gallery-dl, BASC-py4chan, the package imageboard) are run by tests of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from tests.support.contract_values import KINDS, POST_KEY, keyed
from tests.support.contracts import Fields, Items, OrNull, Shape, Values

_TROLL: Final = ("troll_country_code", "troll_country_name")


class Ask(Struct, frozen=True):
    """A question: the address behind `/_/api/chan/`, with `{board}`, `{num}`, ... to be filled in."""

    client: str
    form: str
    shape: Shape


NUMBER: Final = KINDS["number"]
INT: Final = KINDS["integer"]
_BOARD: Final = Fields(keyed(words="shortname"))


def thread_of(op: Shape, reply: Shape) -> Shape:
    """A thread for programs that want both its parts, the first post first."""
    return Values(NUMBER, Fields({"op": op, "posts": Values(POST_KEY, reply)}, order=(("op", "posts"),)), only=True)


def index_of(op: Shape, reply: Shape, **more: Shape) -> Shape:
    """A page of an index; a thread without replies has no `posts`."""
    fields = {**more, "op": op, "posts": Items(reply)}
    return Values(NUMBER, Fields(fields, optional=frozenset({"posts"})))


def search_of(post: Shape, **meta: Shape) -> Shape:
    return Fields({"0": Fields({"posts": Items(post)}), "meta": Fields(meta)})


def boards_of(key: str, **more: str) -> Shape:
    return Fields({key: Values(NUMBER, Fields(keyed(words="name shortname", **more)))})


# 4chan-X and its descendant. They test flags against "1" and take dead posts apart by the raw comment.
_X_MEDIA: Final = Fields(
    keyed(
        flag="banned spoiler", text="media_filename media_orig", hash="media_hash", count="media_size media_w media_h",
        readable="preview_w preview_h", null="preview_orig", exif="exif",
        link="media_link remote_media_link thumb_link",
    )
)  # fmt: skip
_X_POST: Final = Fields(
    {
        **keyed(
            number="thread_num", null="comment title email trip poster_hash poster_country", text="name",
            capcode="capcode", country="poster_country_name", time="timestamp", date="fourchan_date",
        ),
        "media": OrNull(_X_MEDIA),
    }
)  # fmt: skip
_XT_POST: Final = Fields(
    {**_X_POST.fields, **keyed(number="num", flag="deleted", null=" ".join(_TROLL)), "board": _BOARD},
    optional=frozenset(_TROLL),
)

# Kuroba reads as it goes: what it needs for the title must have come before it.
_KUROBA_MEDIA: Final = Fields(
    keyed(
        readable="spoiler media_w media_h media_size", text="media_filename media_hash media_orig",
        link="remote_media_link media_link thumb_link",
    ),
    order=(("remote_media_link", "media_link"),),
)  # fmt: skip
_KUROBA_POST: Final = Fields(
    {
        **keyed(
            readable="num thread_num op sticky locked", time="timestamp", capcode="capcode", text="name",
            null="trip title", comment="comment_processed",
        ),
        "media": OrNull(_KUROBA_MEDIA),
    },
    order=(("op", "title"), ("op", "comment_processed"), ("op", "media"), ("title", "comment_processed")),
)  # fmt: skip
_KUROBAEX_MEDIA: Final = Fields(
    keyed(
        readable="spoiler media_w media_h media_size banned", null="media_orig media_filename_processed media_hash",
        link="media_link remote_media_link thumb_link",
    )
)  # fmt: skip
_KUROBAEX_POST: Final = Fields(
    {
        **keyed(
            readable="num subnum thread_num op timestamp sticky locked deleted", capcode="capcode",
            null="name_processed title_processed trip_processed poster_hash", comment="comment_processed",
        ),
        "media": OrNull(_KUROBAEX_MEDIA),
    }
)  # fmt: skip

# Hayden takes the stem of `media` for a time and decodes the hash.
_HAYDEN_MEDIA: Final = Fields(
    keyed(
        flag="spoiler", stamped="media", null="preview_reply", text="media_filename", hash="media_hash",
        link="media_link thumb_link", count="media_size", exif="exif",
    )
)  # fmt: skip
_HAYDEN_POST: Final = Fields(
    {
        **keyed(
            number="doc_id num thread_num", count="subnum", time="timestamp",
            null=f"email title name trip poster_hash poster_country {' '.join(_TROLL)}", text="comment_sanitized",
            country="poster_country_name", capcode="capcode", flag="sticky locked deleted",
        ),
        "media": OrNull(_HAYDEN_MEDIA),
    },
    optional=frozenset(_TROLL),
)  # fmt: skip
_HAYDEN_HIT: Final = Fields({**_HAYDEN_POST.fields, "board": _BOARD}, optional=frozenset(_TROLL))

# Chance casts every value and fails at the first that is of another type, a count of replies included.
_CHANCE_MEDIA: Final = Fields(
    keyed(
        text="media_orig media_filename", safe="safe_media_hash", flag="spoiler", count="media_w media_h media_size",
        link="media_link remote_media_link thumb_link",
    )
)  # fmt: skip
_CHANCE_FIELDS: Final[Mapping[str, Shape]] = {
    **keyed(
        number="num thread_num", time="timestamp", comment="comment_processed", text="name",
        null=f"trip title poster_hash poster_country {' '.join(_TROLL)} since4pass", country="poster_country_name",
        exif="exif", flag="op sticky locked deleted",
    ),
    "media": OrNull(_CHANCE_MEDIA),
    "board": _BOARD,
}  # fmt: skip
_CHANCE_POST: Final = Fields(_CHANCE_FIELDS, optional=frozenset({*_TROLL, "since4pass"}))
_CHANCE_OP: Final = Fields(
    {**_CHANCE_FIELDS, **keyed(unknown="nreplies", count="unique_ips")},
    optional=frozenset({*_TROLL, "since4pass", "unique_ips", "nreplies"}),
)

# The MCP server writes name and media into text without looking whether they are there.
_MCP_POST: Final = Fields(
    {
        **keyed(
            number="num thread_num", count="subnum", flag="op", time="timestamp", capcode="capcode", words="name",
            null="trip title", text="comment_sanitized",
        ),
        "media": OrNull(Fields(keyed(text="media_filename", count="media_w media_h media_size", link="media_link"))),
        "board": _BOARD,
    }
)  # fmt: skip

# Go decodes into fields of a type each: one wrong type fails the whole answer.
_GO_POST: Final = Fields(
    {
        **keyed(
            number="doc_id num thread_num", count="subnum timestamp_expired", flag="op sticky locked deleted",
            time="timestamp", capcode="capcode", null="email name trip title comment poster_country",
            unknown="nreplies nimages", date="fourchan_date", text="comment_sanitized",
        ),
        "media": OrNull(Fields(keyed(words="media_status", link="media_link"))),
    },
    optional=frozenset({"nreplies", "nimages"}),
)  # fmt: skip
_RUST_POST: Final = Fields(keyed(number="num thread_num", count="subnum", flag="op", time="timestamp", null="comment"))

_USERSCRIPT_POST: Final = Fields(
    {
        **keyed(number="num", count="subnum", comment="comment_processed", null=" ".join(_TROLL)),
        "media": OrNull(Fields(keyed(readable="preview_w preview_h", link="thumb_link"))),
    },
    optional=frozenset(_TROLL),
)

# FoolFuuka's own script on its pages puts the HTML of `formatted` where the posts are.
_PAGE_POST: Final = Fields(
    {**keyed(words="formatted", number="doc_id num", count="subnum"), "media": OrNull(Fields({}))}
)

_DATES: Final = "&start=2022-7-1&end=2022-7-31"


def _asks() -> Iterator[Ask]:
    for slash in ("/", ""):
        yield Ask("4chan-X", f"post{slash}?board={{board}}&num={{num}}", _X_POST)
    yield Ask("4chan-XT", "post/?board={board}&num={num}", _XT_POST)
    yield Ask("4chan-XT", "thread/?board={board}&num={thread}", thread_of(_XT_POST, _XT_POST))
    yield Ask("Kuroba", "thread?board={board}&num={thread}", thread_of(_KUROBA_POST, _KUROBA_POST))
    yield Ask("Kuroba", "post?board={board}&num={num}", Fields(keyed(readable="thread_num")))
    for slash in ("/", ""):
        address = f"thread{slash}?board={{board}}&num={{thread}}"
        yield Ask("KurobaEx", address, thread_of(_KUROBAEX_POST, _KUROBAEX_POST))
    yield Ask("Hayden", "thread/?board={board}&num={thread}", thread_of(_HAYDEN_POST, _HAYDEN_POST))
    yield Ask("Hayden", "index/?board={board}&page=1", index_of(_HAYDEN_POST, _HAYDEN_POST))
    found = search_of(_HAYDEN_HIT, total_found=INT)
    yield Ask("Hayden", "search/?boards={board}&text={word}&type=op&order=asc", found)
    yield Ask("Chance", "post?board={board}&num={num}", _CHANCE_POST)
    yield Ask("Chance", "thread?board={board}&num={thread}", thread_of(_CHANCE_OP, _CHANCE_POST))
    yield Ask("Chance", "index?board={board}&page=1", index_of(_CHANCE_OP, _CHANCE_POST))
    yield Ask("Chance", "archives", boards_of("archives", truth="is_nsfw"))
    hits = search_of(_CHANCE_POST, total_found=INT, max_results=KINDS["count"])
    yield Ask("Chance", f"search?text={{word}}&page=1&boards={{board}}&filter=text{_DATES}", hits)
    yield Ask("MCP", "post/?board={board}&num={num}", _MCP_POST)
    yield Ask("MCP", "thread/?board={board}&num={thread}&last_limit=100", thread_of(_MCP_POST, _MCP_POST))
    hits = search_of(_MCP_POST, total_found=INT, max_results=KINDS["readable"])
    yield Ask("MCP", "search/?text={word}&boards={board}&order=desc&page=1", hits)
    yield Ask("MCP", "boards/", Fields({"site": Fields(keyed(words="name")), **boards_of("boards").fields}))
    yield Ask("Go", "thread/?board={board}&num={thread}", thread_of(_GO_POST, _GO_POST))
    yield Ask("Go", "index/?board={board}&page=1", index_of(_GO_POST, _GO_POST, omitted=INT))
    yield Ask("Go", "search/?subject={word}&boards={board}&type=op&page=1", search_of(_GO_POST))
    yield Ask("Go", "archives/", boards_of("archives", truth="is_nsfw"))
    index = index_of(_RUST_POST, _RUST_POST, omitted=INT, images_omitted=INT)
    yield Ask("Rust", "index/?board={board}&page=1&order=by_post", index)
    yield Ask("Rust", "archives/", boards_of("archives"))
    yield Ask("userscripts", "thread/?board={board}&num={thread}", thread_of(_USERSCRIPT_POST, _USERSCRIPT_POST))
    theme = "&theme=foolz/foolfuuka-theme-foolfuuka"
    newer = Values(NUMBER, Fields({"posts": Values(POST_KEY, _PAGE_POST)}), only=True)
    yield Ask("FoolFuuka's pages", "thread/?board={board}&num={thread}&latest_doc_id={doc_id}" + theme, newer)
    yield Ask("FoolFuuka's pages", "post/?board={board}&num={num}" + theme, _PAGE_POST)


ASKS: Final = tuple(_asks())
"""All that is asked, by all programs."""
