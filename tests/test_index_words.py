"""What words mean to the index: accents, width, scripts without spaces, code and links, and what is hostile."""

# ruff: noqa: RUF001 - letters that look alike are the matter here

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.asgi import ask
from tests.support.indexes import app_of, asked, numbers_found
from tests.support.stage import Running, Stage, stage
from tests.test_index_search import index, on_one_database
from tests.test_search_hostile import TEXTS

__all__ = ["stage"]

COMMENTS = (
    "Un café crème, s'il vous plaît",  # 1
    "UN CAFE NOIR",  # 2
    "カタカナを書く",  # 3
    "ｶﾀｶﾅ half width",  # 4
    "Ａ full width Ｋｏｉｗａｉ",  # 5
    "猫が好きです",  # 6
    "我喜欢猫",  # 7
    "한국어를 배웁니다",  # 8
    "use std::vector<int> and foo->bar();",  # 9
    "see https://example.org/a?b=c for more",  # 10
    "I write c++ and c# but not c",  # 11
    "the quick brown fox",  # 12
    "the brown quick fox",  # 13
    "Straße in ﬁrst Łódź",  # 14
    "keyboards and keyboarding",  # 15
    "e-mail: someone@example.org, #hashtag $HOME 50%",  # 16
    "日本語Linuxカーネル",  # 17
    "Ελλάδα Привет ёлка",  # 18
    "ﾊﾟｿｺﾝ パソコン",  # 19
    "line\nbreak [spoiler]hid[/spoiler]den",  # 20
)

FOUND = (
    ("cafe", (1, 2)), ("café", (1, 2)), ("CAFÉ", (1, 2)), ("cafe\u0301", (1, 2)), ("creme", (1,)), ("plait", (1,)),
    ("カタカナ", (3, 4)), ("ｶﾀｶﾅ", (3, 4)), ("タカ", (3, 4)), ("ハソコン", ()), ("パソコン", (19,)), ("ﾊﾟｿ", (19,)),
    ("Ａ", (5, 10)), ("koiwai", (5,)), ("Ｋoiwai", (5,)),
    ("猫が", (6,)), ("猫が好き", (6,)), ("好", (6,)), ("猫", (6, 7)), ("喜欢", (7,)), ("欢喜", ()),
    ("국어", (8,)), ("한국어", (8,)), ("국한", ()),
    ("std::vector", (9,)), ("std vector", (9,)), ("std:vector", ()), ("vector<int>", (9,)), ("foo->bar()", (9,)),
    ("foo", (9,)), ("foo.bar", ()),
    ("https://example.org/a?b=c", (10,)), ("example.org", (10, 16)), ("example.org/a", (10,)), ("a?b=c", (10,)),
    ("c++", (11,)), ("c#", (11,)), ("c", (10, 11)),
    ('"quick brown"', (12,)), ("quick brown", (12, 13)), ("fox -quick", ()), ('fox -"quick brown"', (13,)),
    ("noir | fox", (2, 12, 13)), ("cafe | fox -brown", (1, 2)), ('"brown fox" | "quick fox"', (12, 13)),
    ("keyb*", (15,)), ("keyboard", ()), ("keyboard*", (15,)), ('"and keyb*"', ()), ("qui*", (12, 13)),
    ("strasse", (14,)), ("STRASSE", (14,)), ("first", (14,)), ("lodz", ()), ("łodz", (14,)),
    ("e-mail", (16,)), ("someone@example.org", (16,)), ("#hashtag", (16,)), ("$home", (16,)), ("50%", (16,)),
    ("linux", (17,)), ("語linux", (17,)), ("日本語", (17,)), ("カーネル", (17,)),
    ("ελλαδα", (18,)), ("ΠΡΙΒΕΤ", ()), ("ПРИВЕТ", (18,)), ("елка", (18,)),
    ('"line break"', (20,)), ("hid den", (20,)), ("spoiler", ()),
    ("=the quick brown fox", (12,)), ("=the quick brown", ()), ("=THE quick brown fox", ()),
)  # fmt: skip


async def test_words_are_found(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": comment} for num, comment in enumerate(COMMENTS, 1)))
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:
        wrong = {
            words: numbers for words, nums in FOUND if (numbers := await numbers_found(running, words)) != list(nums)
        }
    assert wrong == {}


@pytest.fixture
async def hostile(stage: Stage, tmp_path: Path) -> AsyncIterator[Running]:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": comment} for num, comment in enumerate(COMMENTS, 1)))
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:
        yield running


@pytest.mark.parametrize("key", ["text", "subject", "op", "username", "filename", "tripcode", "uid"])
@on_one_database
async def test_hostile_words_are_answered_or_refused(
    hostile: Running, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    endings = ("", "*", '" x')
    for words in dict.fromkeys(each + ending for each in TEXTS for ending in endings):
        if len(words) > 6_000:
            continue
        for more in ("", "&results=thread&order=asc"):
            answer = await ask(hostile.app, f"/api/v1/search?boards=g&{key}={quote(words)}{more}")
            assert answer.status in (200, 400), (words[:50], answer.status, answer.body[:200])
            json.loads(answer.body)
    assert caplog.text == ""


async def test_words_that_many_posts_begin_with(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More words than are looked up one by one."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"word{num} x.y{num} {num}"} for num in range(1, 401)))
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:
        assert (await asked(running, "word*"))["total"] == 400
        assert (await asked(running, "word1*"))["total"] == 111
        assert (await asked(running, "x.y*"))["total"] == 400
        assert (await asked(running, "x.y39*"))["total"] == 11
        assert (await asked(running, "-word1*", text="-word1* x"))["total"] == 289
