"""The sections beside the database: how we are reached, what we log, media, the live site, this site, boards."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from app.settings.section import Count, Hops, PostNum, RootPath, Section, SiteHost, SiteUrl, Text, says
from app.settings.templates import BoardUrl, MediaUrl, PostUrl, ThreadUrl

_CONTACT = re.compile(r"[^@:\s]+@[^@\s]+|https?://\S+")
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})


def clean_location(text: str) -> str:
    """A path with a slash at both ends, as a location of nginx. ValueError says what is wrong."""
    if not re.fullmatch(r"/([\w.~-]+/)+", text, re.ASCII):
        raise ValueError("must be a path with a slash at both ends, such as /_files/")
    return text


Location = Annotated[str, Meta(min_length=1, extra={"clean": clean_location})]


class AppSettings(Section, frozen=True, kw_only=True):
    """`[app]`: how this site is reached, the check of its boards at start, and the folder it may write to."""

    url: Annotated[
        SiteUrl,
        says(
            'Public address of this site, for absolute links: "https://archive.example.org", with a path if it does '
            "not stand at the root. Empty: taken from each request."
        ),
    ] = ""
    root_path: Annotated[
        RootPath,
        says(
            "Path below which this site stands at its public address, such as /archive. The proxy in front may cut it "
            "off or leave it in the requests. Empty: the path of url."
        ),
    ] = ""
    trusted_hops: Annotated[
        Hops,
        says(
            "How many proxies stand in front. X-Forwarded-For, -Proto, -Host and -Prefix are believed from that many "
            "and no more; with 0 they are ignored."
        ),
    ] = 0
    validate_boards_db: Annotated[bool, says("Refuse to start when a board of boards.toml is not in the database.")] = (
        True
    )
    state: Annotated[Path, says("Folder for what Koiwai itself keeps, never beside the archive.")] = Path("var")

    def problems(self) -> Iterator[str]:
        path = urlsplit(self.url).path
        if self.url and self.root_path and path != self.root_path:
            yield f"root_path must be the path of url, but {self.root_path} is not {path or '/'}"


class LogSettings(Section, frozen=True, kw_only=True):
    """`[log]`: what is said on standard error."""

    format: Annotated[
        Literal["text", "json"], says('"text": one line of key=value pairs each; "json": one JSON object each.')
    ] = "text"
    level: Annotated[
        Literal["debug", "info", "warning", "error"], says("The least important messages that are still logged.")
    ] = "info"
    requests: Annotated[bool, says("Log one line per request.")] = True


class MediaSettings(Section, frozen=True, kw_only=True):
    """`[media]`: where the files of posts are, and who sends them."""

    enabled: Annotated[bool, says("Show and serve images and thumbnails.")] = True
    root: Annotated[Path, says("Folder of the files, laid out as layout says.")] = Path("media")
    layout: Annotated[
        Literal["asagi", "sutra"],
        says(
            '"asagi": {board}/image/1234/56/1234567890123.jpg and {board}/thumb/1234/56/1234567890123s.jpg below root. '
            '"sutra": img/ and thb/ with folders and names made of the file\'s hash, for all boards together.'
        ),
    ] = "asagi"
    image_url: Annotated[
        MediaUrl,
        says(
            "Address of the full files if another server has them, such as "
            '"https://cdn.example.org/{board}/image/{path}". {path} is 1234/56/1234567890123.jpg (with layout = '
            '"sutra" the path made of the hash), {name} the name of the file alone. Empty: served by Koiwai from root.'
        ),
    ] = ""
    thumb_url: Annotated[MediaUrl, says("The same for thumbnails.")] = ""
    delivery: Annotated[
        Literal["direct", "x-accel-redirect", "x-sendfile"],
        says(
            'Who sends a file that is allowed: "direct": Koiwai. "x-accel-redirect": nginx, told by that header. '
            '"x-sendfile": Apache or lighttpd, told by that header.'
        ),
    ] = "direct"
    accel_location: Annotated[
        Location,
        says('The internal location of nginx that leads to root, for delivery = "x-accel-redirect".'),
    ] = "/_files/"

    zip_limit: Annotated[
        Count,
        says(
            "MiB of pictures in a ZIP file of a thread; further ones are left out, and named in it. 0: no such files."
        ),
    ] = 500

    def problems(self) -> Iterator[str]:
        if not self.enabled and (self.image_url or self.thumb_url):
            yield "enabled = false leaves no use for image_url and thumb_url"


class ArchiveSettings(Section, frozen=True, kw_only=True):
    """`[archive]`: the live site the posts come from."""

    name: Annotated[Text, says("Its name, for links to it.")] = "4chan"
    host: Annotated[SiteHost, says("The host of its boards.")] = "boards.4chan.org"
    board_url: Annotated[BoardUrl, says("The address of a board there; empty for no links to boards.")] = (
        "https://{host}/{board}/"
    )
    thread_url: Annotated[ThreadUrl, says("The address of a thread there; empty for no such links.")] = (
        "https://{host}/{board}/thread/{thread}"
    )
    post_url: Annotated[PostUrl, says("The address of a post there; empty for no such links.")] = (
        "https://{host}/{board}/thread/{thread}#p{post}"
    )


class SiteSettings(Section, frozen=True, kw_only=True):
    """`[site]`: this site, as its readers see it."""

    name: Annotated[Text, says("Name of this site, shown in the titles of its pages.")] = "Koiwai"
    description: Annotated[
        str, says("One or two sentences about it, shown on the front page and to search engines.")
    ] = "An archive of imageboard threads."
    contact: Annotated[
        str, says("A mail address or an http(s) address where somebody answers; shown on every page.")
    ] = ""
    anonymous_name: Annotated[Text, says("What posters without a name are called.")] = "Anonymous"
    theme: Annotated[
        Literal["auto", "light", "dark", "yotsuba", "yotsuba-b", "futaba", "burichan", "tomorrow"],
        says('Look of the pages for readers who have chosen none; "auto": light or dark, as the reader\'s system is.'),
    ] = "auto"
    robots: Annotated[
        Literal["allow", "deny"],
        says(
            '"allow": search engines may take in boards and threads, but neither searches nor the API. "deny": they '
            "are asked to take in nothing."
        ),
    ] = "allow"
    reverse_image_search: Annotated[
        bool,
        says("Where a picture's posts are listed, links to services that look for copies of it, such as SauceNAO."),
    ] = True
    notice: Annotated[str, says("A line of plain text at the top of every page.")] = ""
    banner: Annotated[
        Path | None,
        says(
            "A picture (PNG, JPEG, GIF, WebP or AVIF) shown at the top of the front page and of boards.", "banner.png"
        ),
    ] = None

    def problems(self) -> Iterator[str]:
        if self.contact and not _CONTACT.fullmatch(self.contact):
            yield "contact must be a mail address such as me@example.org, or an http(s) address"
        if self.banner is not None and self.banner.suffix.lower() not in _PICTURES:
            yield "banner must be a PNG, JPEG, GIF, WebP or AVIF file"


class BoardSettings(Section, frozen=True, kw_only=True):
    """`[boards.{name}]`. Without a title a board is shown by its name alone.

    What stored times mean: Asagi schema notes, section 3.1; ready-made HTML: section 4.4.
    """

    title: Annotated[str, says("The board's title.")] = ""
    description: Annotated[str, says("A sentence about the board, shown on its pages and in the list of boards.")] = ""
    nsfw: Annotated[
        bool,
        says("Not safe for work: labelled as such for readers and filters, pictures blurred until asked for."),
    ] = False
    hidden: Annotated[
        bool,
        says(
            "Left out of all lists of boards, and search engines are asked to keep away. Its pages answer whoever "
            "knows their addresses, and quotes of its posts on other boards are links as ever."
        ),
    ] = False
    media: Annotated[bool, says("Show and serve images and thumbnails of this board.")] = True
    live: Annotated[bool, says("The board is one of the live site of [archive]: link to it there.")] = True
    clock: Annotated[
        Literal["auto", "new_york", "utc"],
        says(
            'What the stored times are: "new_york" (wall clock of New York, as Asagi writes it), "utc" (as newer '
            'scrapers do), or "auto" (found out from the names of the files).'
        ),
    ] = "auto"
    clock_switch_num: Annotated[
        PostNum | None,
        says(
            "When the scraper changed: from this post number on, the other clock holds. Needs clock = "
            '"new_york" or "utc", which then means the posts before.',
            1_000_000,
        ),
    ] = None
    comments: Annotated[
        Literal["bbcode", "html"],
        says(
            'What comments are stored as: "bbcode" (text with tags in square brackets) or "html" (ready-made HTML, as '
            "from vichan and lainchan)."
        ),
    ] = "bbcode"

    def problems(self) -> Iterator[str]:
        if self.clock == "auto" and self.clock_switch_num is not None:
            yield (
                'clock_switch_num needs clock = "new_york" or "utc", '
                "which is then the clock of the posts before that number"
            )
