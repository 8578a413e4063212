"""The invention itself: four boards, the same on every run."""

import random
from typing import Final

from msgspec.structs import replace

from app.demo import showcase_posts, showcase_text
from app.demo.draft import ThreadDraft, number, picture, utc
from app.demo.html_board import lambda_threads
from app.demo.model import DemoArchive, DemoBoard, DemoPost
from app.demo.words import (
    COOKING,
    COUNTRIES,
    NAMES,
    RENDERING,
    SUBJECTS,
    TECHNOLOGY,
    TRIPS,
    Vocabulary,
    comment,
    sentence,
)

LONG_THREAD_REPLIES: Final = 319


def invent() -> DemoArchive:
    """Return the demo archive; pure, and equal on every call."""
    return DemoArchive(boards=(_technology(), _cooking(), _rendering(), _programming()))


def _technology() -> DemoBoard:
    rng = random.Random("technology")
    talk = [
        _talk(rng, TECHNOLOGY, f"t{i}", utc(2022, 7, 12) + i * 9 * 86_400, rng.randrange(3, 22), 2 * 86_400)
        for i in range(22)
    ]
    long = _talk(rng, TECHNOLOGY, "long", utc(2022, 12, 1), LONG_THREAD_REPLIES, 20 * 86_400)
    threads = (
        *talk,
        long,
        showcase_text.markup_thread(),
        showcase_text.quote_thread("t14"),
        showcase_text.hostile_thread(),
        showcase_posts.people_thread(),
        showcase_posts.clock_thread(),
        showcase_posts.exif_thread(),
        showcase_posts.picture_thread(),
        showcase_posts.repost_thread(),
        *showcase_posts.state_threads(),
        showcase_posts.ghost_thread("ghost", utc(2022, 8, 2), 2),
        showcase_posts.ghost_thread("ghost2", utc(2022, 10, 30, 18), 1),
    )
    board = number("g", "Technology", threads, 88_410_200)
    return replace(board, description="Computers, phones and programs, and every kind of post there is.")


def _cooking() -> DemoBoard:
    rng = random.Random("cooking")
    threads = [
        _talk(rng, COOKING, f"c{i}", utc(2021, 6, 1) + i * 20 * 86_400, rng.randrange(2, 15), 5 * 86_400)
        for i in range(11)
    ]
    threads.append(showcase_posts.ghost_thread("ghost", utc(2021, 12, 24), 1))
    board = number("ck", "Food & Cooking", threads, 2_300_001)
    return replace(board, description="What is for dinner.")


def _rendering() -> DemoBoard:
    rng = random.Random("rendering")
    threads = [
        _talk(rng, RENDERING, f"r{i}", utc(2023, 2, 1) + i * 6 * 86_400, rng.randrange(1, 9), 3 * 86_400)
        for i in range(6)
    ]
    board = number("3", "3DCG", threads, 910_010)
    return replace(board, description="Models and scenes, some of them not for the office.", nsfw=True)


def _programming() -> DemoBoard:
    board = number("λ", "Programming", lambda_threads(), 1_201, html=True)
    return replace(board, description="A board of a site of its own, its comments kept as HTML.")


def _talk(rng: random.Random, words: Vocabulary, label: str, start: int, replies: int, span: int) -> ThreadDraft:
    """A thread of ordinary talk: an opening post with a picture, `replies` replies in `span` seconds."""
    title = rng.choice(SUBJECTS) if rng.random() < 0.8 else None
    posts = [
        DemoPost(
            utc=start,
            subject=title,
            comment=sentence(rng, words) + "\n" + sentence(rng, words),
            picture=picture(f"{label} op", ext=rng.choice((".jpg", ".jpg", ".png"))),
            exif=f'{{"uniqueIps":"{replies // 2 + 1}"}}' if rng.random() < 0.5 else None,
        )
    ]
    for i, moment in enumerate(sorted(rng.sample(range(40, span), replies))):
        quotable = [f"{label}.{j}" for j in range(max(0, i - 6), i + 1)]
        file = rng.random()
        posts.append(
            DemoPost(
                utc=start + moment,
                name=rng.choice(NAMES) if rng.random() < 0.1 else "Anonymous",
                trip=rng.choice(TRIPS) if rng.random() < 0.05 else None,
                email="sage" if rng.random() < 0.06 else None,
                country=rng.choice(COUNTRIES) if words is RENDERING else None,
                comment=comment(rng, words, quotable),
                # Every eighth picture of a board is one of a few that everybody keeps posting.
                picture=picture(f"{label} {i}" if file > 0.02 else f"common {rng.randrange(4)}")
                if file < 0.14
                else None,
                deleted=rng.random() < 0.01,
                spoiler=0.12 < file < 0.14,
            )
        )
    return ThreadDraft(label=label, posts=tuple(posts))
