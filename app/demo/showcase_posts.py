"""Every kind of poster, moment, picture and moderation (Asagi schema notes, sections 2 to 7)."""

from typing import Final

from app.demo.draft import ThreadDraft, picture, utc
from app.demo.model import SECRET_COMMENT, DemoPost

EXIFS: Final = (
    '{"uniqueIps":"17","since4pass":"2014"}',
    '{"uniqueIps":9}',
    '{"trollCountry":"Pirate"}',
    '{"troll_country_code":"PR","troll_country_name":"Pirate"}',
    '{"Make":"Demo Optics","Model":"Lantern 3","F-Number":"f/2.8","Exposure Time":"1/125"}',
    '{"Time":"12m 40s","Painter":"shi-painter","Source":">>1"}',
    '{"tim":1668902400123456}',
    '{"IFD0":{"Make":"Demo Optics","Orientation":1},"COMPUTED":{"Height":240,"html":"width=\\"320\\""}}',
    "",
    '{"uniqueIps":"3","Mak',
    '["not","an","object"]',
    "null",
)
"""Texts of the exif column, one per post of the exif thread."""

BEFORE: Final = utc(2022, 11, 6, 5)
"""Start of the first 1 o'clock hour of that night in New York; the same hour begins again 3600 s later."""


def people_thread() -> ThreadDraft:
    """Names, tripcodes, capcodes, poster IDs, countries and emails."""
    start = utc(2022, 8, 14, 9)
    posts = [
        DemoPost(utc=start, subject="Who is who", comment="Everybody introduces themselves."),
        DemoPost(utc=start + 10, name=None, comment="No name at all."),
        DemoPost(utc=start + 20, name="", comment="An empty name."),
        DemoPost(utc=start + 30, name="Mirelle", trip="!Lantern7Qx", comment="A name and a tripcode."),
        DemoPost(utc=start + 40, name="", trip="!!h4rbour.Ott", comment="Only a secure tripcode."),
        DemoPost(utc=start + 50, name="both", trip="!kettle/Drum!!s3cure.Pine", comment="Both kinds."),
        *(
            DemoPost(utc=start + 60 + i, name=f"staff {code}", capcode=code, comment=f"Capcode {code}.")
            for i, code in enumerate("NMADVFG")
        ),
        DemoPost(utc=start + 80, poster_hash="dQ7+/xY2", comment="A poster ID."),
        DemoPost(utc=start + 81, poster_hash="Heaven", email="sage", comment="A special ID and sage."),
        DemoPost(utc=start + 90, country="DE", email="noko", comment="A flag and noko."),
        DemoPost(utc=start + 91, country="BR", email="lamp@example.org", comment="A flag and an address."),
        DemoPost(utc=start + 92, country="XX", comment="Country unknown."),
        DemoPost(utc=start + 93, subject="", comment="An empty subject."),
        DemoPost(utc=start + 94, subject="A reply with a subject & an ampersand", comment="Subjects in replies."),
    ]
    return ThreadDraft(label="people", posts=tuple(posts))


def clock_thread() -> ThreadDraft:
    """Posts on both sides of, and inside, the hour that New York lived twice."""
    moments = (-1500, -60, 0, 600, 1800, 3599, 3600, 4200, 5400, 7199, 7200, 9000)
    posts = tuple(
        DemoPost(
            utc=BEFORE + seconds,
            subject="Clocks go back" if seconds == -1500 else None,
            comment=f"It is {seconds} seconds from one o'clock.",
            # Some have a picture, whose server name tells the true time; the others must rely on neighbours.
            picture=picture(f"clock {seconds}") if seconds in (-1500, 1800, 5400) else None,
        )
        for seconds in moments
    )
    return ThreadDraft(label="clock", posts=posts)


def exif_thread() -> ThreadDraft:
    """One post per form of the exif column, in the summer."""
    start = utc(2022, 7, 9, 20)
    posts = tuple(
        DemoPost(utc=start + 120 * i, comment=f"Exif form {i}.", exif=text, picture=picture(f"exif {i}"))
        for i, text in enumerate(EXIFS)
    )
    return ThreadDraft(label="exif", posts=posts)


def picture_thread() -> ThreadDraft:
    """Every kind of file, spoilered, banned, lost, repeated and oddly named."""
    start = utc(2022, 12, 10, 15)
    drafts = (
        (picture("harbour", "harbour at dusk.jpg"), False),
        (picture("lantern", "lantern.png", ".png"), False),
        (picture("tide", "tide.gif", ".gif"), False),
        (picture("boat", "boat & crew.webm", ".webm"), False),
        (picture("harbour", "harbour again.jpg"), False),
        (picture("secret", "do not look.jpg"), True),
        (picture("forbidden", "banned.png", ".png", banned=True), False),
        (picture("forbidden", "banned, again.png", ".png", banned=True), True),
        (picture("lost", "lost at sea.jpg", missing=True), False),
        (picture("quotes", 'it\'s "quoted" & <tagged>.jpg'), False),
        (picture("unicode", "灯台 — маяк — φάρος.png", ".png"), False),
        (picture("long", "a very long file name that goes on and on until nobody reads it.jpg"), False),
        (picture("entity", "fish &amp; chips.jpg"), False),
        (picture("second boat", "1668902400123.webm", ".webm"), True),
        (picture("rain", "1657411200123.jpg"), False),
    )
    posts = [
        DemoPost(utc=start + 90 * i, comment=f"File {i}.", picture=file, spoiler=hidden)
        for i, (file, hidden) in enumerate(drafts)
    ]
    # Scrapers also record spoiler marks of posts without a file (Asagi schema notes, section 1.1).
    posts.append(DemoPost(utc=start + 2000, comment="Spoiler mark, no file.", spoiler=True))
    return ThreadDraft(label="pictures", posts=tuple(posts))


def repost_thread() -> ThreadDraft:
    """Its opening post repeats a picture first seen in a reply, its replies pictures seen before."""
    start = utc(2022, 12, 11, 15)
    posts = (
        DemoPost(utc=start, comment="Seen before.", picture=picture("lantern", "lantern (1).png", ".png")),
        DemoPost(utc=start + 60, comment="Seen too.", picture=picture("harbour", "IMG_0001.jpg")),
        DemoPost(utc=start + 120, picture=picture("boat", "boat.webm", ".webm")),
    )
    return ThreadDraft(label="reposts", posts=posts)


def state_threads() -> tuple[ThreadDraft, ...]:
    """Sticky, locked, deleted, lonely, headless and unlisted threads."""
    sticky = DemoPost(
        utc=utc(2022, 7, 1),
        subject="Welcome to the demo",
        comment="[b]Read first.[/b]\nBe kind, stay on topic.",
        capcode="M",
        sticky=True,
        locked=True,
        picture=picture("welcome", "welcome.png", ".png"),
        exif='{"uniqueIps":"2","comment":"<b>Read first.</b><br>Be kind."}',
    )
    gone = utc(2022, 11, 20)
    deleted = (
        DemoPost(
            utc=gone,
            subject="Deleted thread",
            comment="Gone, but kept.",
            deleted=True,
            expired_utc=gone + 7200,
        ),
        DemoPost(utc=gone + 30, comment="Gone, nobody saw when.", deleted=True),
        DemoPost(utc=gone + 60, comment=">>⟦deleted.1⟧\nStill here."),
        DemoPost(utc=gone + 90, comment=SECRET_COMMENT, picture=picture("moderated")),
        DemoPost(
            utc=gone + 120,
            comment="Gone with a time.",
            deleted=True,
            expired_utc=gone + 600,
            picture=picture("gone"),
        ),
    )
    locked = DemoPost(utc=utc(2022, 12, 20), subject="Locked", comment="No replies, please.", locked=True)
    alone = utc(2022, 12, 21)
    unlisted = utc(2022, 12, 22)
    return (
        ThreadDraft(label="sticky", posts=(sticky, DemoPost(utc=sticky.utc + 500, comment="Thanks.", capcode="M"))),
        ThreadDraft(label="deleted", posts=deleted, removed=(3,)),
        ThreadDraft(label="locked", posts=(locked,)),
        ThreadDraft(label="alone", posts=(DemoPost(utc=alone, comment="Is anybody there?"),)),
        ThreadDraft(label="alone2", posts=(DemoPost(utc=alone + 60, comment=None, picture=picture("alone")),)),
        ThreadDraft(
            label="hole",
            headless=True,
            posts=tuple(
                DemoPost(utc=alone + 900 + i * 50, comment=f"Reply {i} to a post nobody saved.") for i in range(4)
            ),
        ),
        ThreadDraft(
            label="unlisted",
            listed=False,
            posts=tuple(DemoPost(utc=unlisted + i * 50, comment=f"Unlisted {i}.") for i in range(3)),
        ),
    )


def ghost_thread(label: str, start: int, ghosts: int) -> ThreadDraft:
    """Five posts, then `ghosts` ghost posts written long after; the second ghost sages."""
    live = [DemoPost(utc=start + 60 * i, comment=f"Live post {i} of {label}.") for i in range(5)]
    late = [
        DemoPost(
            utc=start + 90 * 86_400 + 3600 * i,
            subnum=i,
            name="visitor",
            trip="!gr3yMoth.A",
            email="sage" if i == 2 else None,
            comment=f">>⟦{label}.0⟧\n[i]A voice from the archive[/i], number {i}.",
        )
        for i in range(1, ghosts + 1)
    ]
    return ThreadDraft(label=label, posts=(*live, *late))
