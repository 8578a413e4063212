"""The API's answers as they look in JSON: one struct per object, fields in the order of the keys.

Keys are always present, but for posts of which only some were asked for; what is unknown is `null`. The sentence
beside each field is what the API's document and docs/api.md say of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Answered = Literal["found", "nothing found", "stopped early"]
"""Outcomes of a search that was carried out; the others are errors."""


def says(description: str) -> Meta:
    """What a field means."""
    return Meta(description=description)


def when(description: str) -> Meta:
    """What a field means that holds a time: Unix seconds in UTC."""
    return Meta(description=description, extra_json_schema={"format": "unixtime"})


class BoardShape(Struct, frozen=True):
    """A board in the list of boards."""

    name: Annotated[str, says("the board's short name, as in addresses")]
    title: Annotated[str, says("its title, or its name where the operator gave none")]
    description: Annotated[str | None, says("the operator's sentence about the board")]
    nsfw: Annotated[bool, says("`true` for a board that is not safe for work")]
    available: Annotated[
        bool,
        says("`false` while the board is configured but has no data yet; asking for its threads gives 503"),
    ]
    posts: Annotated[int | None, says("number of posts, an estimate on large boards")]
    threads: Annotated[int | None, says("number of threads, likewise")]
    newest: Annotated[int | None, when("time of the newest post")]


class BoardsShape(Struct, frozen=True):
    """All boards, in the operator's order."""

    boards: Annotated[list[BoardShape], says("the boards, without those that the operator has hidden")]


class FlagShape(Struct, frozen=True):
    """A flag that the poster chose."""

    code: Annotated[str, says("its short name")]
    name: Annotated[str, says("its name")]


class MediaShape(Struct, frozen=True):
    """The file of a post."""

    hash: Annotated[str | None, says("MD5 of the file in base64")]
    filename: Annotated[str | None, says("the uploader's name for it")]
    image: Annotated[
        str | None,
        says(
            "address of the file: a path below this site, or a whole address where the operator has set one; "
            "`null` where banned, not known or not served"
        ),
    ]
    thumb: Annotated[str | None, says("address of its thumbnail, likewise")]
    original: Annotated[str | None, says("the live site's name for the file of this post")]
    width: Annotated[int, says("width in pixels")]
    height: Annotated[int, says("height in pixels")]
    size: Annotated[int, says("size in bytes")]
    thumb_width: Annotated[int, says("width of the thumbnail in pixels, 0 where there is none")]
    thumb_height: Annotated[int, says("height of the thumbnail in pixels, 0 where there is none")]
    spoiler: Annotated[bool, says("hidden until clicked")]
    banned: Annotated[bool, says("removed by the archive's operator")]


class QuoteShape(Struct, frozen=True):
    """A quote in a comment, and what the archive knows of the post quoted."""

    board: Annotated[str | None, says("board of the quoted post, `null` for the quoting post's own")]
    num: Annotated[int, says("number of the quoted post")]
    subnum: Annotated[int, says("its second number, 0 except for ghost posts")]
    state: Annotated[
        Literal["here", "thread", "board", "dead", "elsewhere", "unknown"],
        says(
            "`here`: in this answer, in the same thread; `thread`: elsewhere on the same board; `board`: on another "
            "board of this archive; `dead`: not in the archive; `elsewhere`: on a board that this archive does not "
            "have; `unknown`: not looked up, as one answer looks up 1,000 quotes at most"
        ),
    ]
    thread_num: Annotated[int | None, says("number of its thread, where known")]


class RenderedShape(Struct, frozen=True):
    """A comment as our pages show it."""

    html: Annotated[
        str, says("the comment as HTML: escaped, links resolved (as paths below this site), formatting in classes")
    ]
    text: Annotated[str, says("its visible text without any markup")]
    quotes: Annotated[list[QuoteShape], says("posts it quotes, in order of first mention")]
    backlinks: Annotated[
        list[str], says('posts of its thread in this answer that quote it, such as `"123"` or `"123_1"`')
    ]


class PostShape(Struct, frozen=True):
    """A post. `rendered` is there only where it was asked for."""

    board: Annotated[str, says("the board's name")]
    num: Annotated[int, says("its number")]
    subnum: Annotated[int, says("its second number, 0 except for ghost posts")]
    thread_num: Annotated[int, says("number of its thread")]
    op: Annotated[bool, says("whether it opens the thread")]
    time: Annotated[int, when("when it was made")]
    expired: Annotated[
        int | None,
        when("when it was found to be gone from the live site, or its thread archived there; no sign of deletion"),
    ]
    name: Annotated[str | None, says("the poster's name; `null` is shown as Anonymous")]
    trip: Annotated[str | None, says("tripcode")]
    subject: Annotated[str | None, says("as typed")]
    email: Annotated[str | None, says("as typed")]
    capcode: Annotated[
        str | None,
        says("a letter: `M` moderator, `A` admin, `D` developer, `V` verified, `F` founder, `G` manager"),
    ]
    poster_hash: Annotated[str | None, says("the poster's ID in this thread")]
    country: Annotated[str | None, says("country code (some writers stored the name)")]
    comment: Annotated[
        str | None,
        says(
            "text with tags such as `[spoiler]`, lines ended by `\\n`; the site's own HTML, where a board was stored "
            "that way, is translated"
        ),
    ]
    deleted: Annotated[bool, says("removed on the live site by its poster or staff, or its file was")]
    sticky: Annotated[bool, says("the thread is pinned, on opening posts")]
    locked: Annotated[bool, says("the thread is closed, on opening posts")]
    ghost: Annotated[bool, says("made on the archive, not on the live site")]
    unique_ips: Annotated[int | None, says("posters in the thread, on opening posts")]
    since4pass: Annotated[int | None, says("year since when the poster has had a pass")]
    flag: Annotated[FlagShape | None, says("a flag of the board's own")]
    media: Annotated[MediaShape | None, says("the file")]
    rendered: Annotated[RenderedShape | UnsetType, says("the comment read; only with `rendered=1`")] = UNSET


class ThreadPreviewShape(Struct, frozen=True):
    """A thread in a list of threads."""

    num: Annotated[int, says("the thread's number")]
    bumped: Annotated[int, when("time of its last bump; in the order `ghost`, of its last ghost bump")]
    sticky: Annotated[bool, says("pinned, as the live site had it when last seen")]
    locked: Annotated[bool, says("closed, likewise")]
    posts: Annotated[int, says("posts of the whole thread: opening post, deleted and ghost posts included")]
    images: Annotated[int, says("files of the whole thread, likewise")]
    omitted: Annotated[int, says("replies that are not in `replies`")]
    omitted_images: Annotated[int, says("files of those replies")]
    cursor: Annotated[str, says("the thread's own place in this list, good as `before` or `after`")]
    op: Annotated[
        PostShape,
        says(
            "the opening post; the earliest post known where the archive lacks the opening post (see the post's "
            "own `op`)"
        ),
    ]
    replies: Annotated[list[PostShape], says("its newest replies, oldest of them first")]


class ThreadListShape(Struct, frozen=True):
    """A stretch of a board's threads, newest first."""

    board: Annotated[str, says("the board's name")]
    order: Annotated[str, says("the order of the list: `bump`, `creation` or `ghost`")]
    page: Annotated[int | None, says("page number, where known")]
    pages: Annotated[int, says("number of pages at this `limit`; may lag behind a little")]
    threads: Annotated[list[ThreadPreviewShape], says("the threads")]
    older: Annotated[str | None, says("cursor for `before`, `null` at the end")]
    newer: Annotated[str | None, says("cursor for `after`, `null` at the beginning")]


class ThreadShape(Struct, frozen=True):
    """A thread, or the part of it that was asked for."""

    board: Annotated[str, says("the board's name")]
    num: Annotated[int, says("the thread's number")]
    posts_count: Annotated[int, says("posts of the whole thread")]
    images_count: Annotated[int, says("files of the whole thread")]
    sticky: Annotated[bool, says("pinned, as the live site had it when last seen")]
    locked: Annotated[bool, says("closed, likewise")]
    modified: Annotated[int, when("newest time or expiry among the posts of this answer, also sent as `Last-Modified`")]
    posts: Annotated[list[PostShape], says("the posts by number, ghost posts after the post they follow")]
    next: Annotated[
        str | None,
        says("very long threads come in parts: give this as `after` for the next one; `null` at the end"),
    ]


class PostListShape(Struct, frozen=True):
    """Posts with the same file, newest first."""

    board: Annotated[str, says("the board's name")]
    posts: Annotated[list[PostShape], says("the posts")]
    older: Annotated[str | None, says("post number for `before`, `null` at the end")]


class SnippetShape(Struct, frozen=True):
    """The part of a comment that a search is about."""

    text: Annotated[
        str,
        says(
            "at most 200 characters of the visible text on one line, around the first of the words; `…` where it was "
            "cut; empty for a post without a comment"
        ),
    ]
    words: Annotated[
        list[Annotated[list[int], Meta(min_length=2, max_length=2)]],
        says("where in `text` the words stand: beginning and end of each place, counted in Unicode code points"),
    ]


class HitShape(Struct, frozen=True):
    """A post that a search has found."""

    post: Annotated[
        PostShape, says("the post; with `results=thread` the one that opened the thread, if the archive has it")
    ]
    snippet: Annotated[SnippetShape, says("what of its comment to show in a list")]


class SearchShape(Struct, frozen=True):
    """One page of what a search has found."""

    outcome: Annotated[
        Answered,
        says(
            "`found`: here is a page; `nothing found`: all was searched, and there is no hit here; `stopped early`: "
            "time was up before the page was full, `cursor` goes on from there"
        ),
    ]
    about: Annotated[str, says("what was searched for, in words")]
    boards: Annotated[list[str], says("names of the boards that were searched")]
    total: Annotated[int, says("how many were found so far, on earlier pages too")]
    exact: Annotated[bool, says("`true` when `total` is all there are, `false` when there may be more")]
    reached: Annotated[
        int | None,
        when("down to which time (with `order=asc`: up to which) all was searched; `null` at the end, or not known"),
    ]
    hits: Annotated[list[HitShape], says("the page, newest first unless asked otherwise")]
    cursor: Annotated[str | None, says("give this as `cursor` for the next page; `null` at the end")]
