"""Every writer stores the invented archive by its own conventions, in every database."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiomysql
import asyncpg
import pytest

from app.demo.boards import invent
from app.demo.media import render_all
from app.demo.model import SECRET_COMMENT, SECRET_DELPASS, SECRET_IP, DemoArchive
from app.demo.rows import Pictures, new_york, rows
from app.demo.tables import SUFFIXES, bind, columns
from app.demo.writers import WRITERS, Writer
from tests.support.load import boards_for, load_mysql, load_postgresql, load_sqlite
from tests.support.servers import MysqlServer, PostgresqlServer

EVERY_WRITER = sorted(WRITERS)


@pytest.fixture(scope="module")
def archive() -> DemoArchive:
    return invent()


@pytest.fixture(scope="module")
def pictures(archive: DemoArchive) -> Pictures:
    return render_all(archive)


def table(writer: Writer, suffix: str, name: str, archive: DemoArchive, pictures: Pictures) -> list[dict[str, Any]]:
    """Rows of one table of the board `name`, as dicts."""
    names = columns(writer, suffix)
    found = rows(writer, archive.board(name), pictures)[suffix]
    return [dict(zip(names, row, strict=True)) for row in found]


def by_num(found: list[dict[str, Any]]) -> dict[tuple[int, int], dict[str, Any]]:
    return {(row["num"], row["subnum"]): row for row in found}


@pytest.mark.parametrize("name", EVERY_WRITER)
def test_sqlite_archive_of_every_writer(name: str, archive: DemoArchive, pictures: Pictures, tmp_path: Path) -> None:
    writer = WRITERS[name]
    path = tmp_path / "archive.db"
    load_sqlite(path, archive, writer, pictures)
    boards = boards_for(archive, writer)
    assert [board.name for board in boards] == (["λ"] if writer.html else ["g", "ck", "3"])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        for board in boards:
            for suffix in SUFFIXES:
                listed = connection.execute("SELECT name FROM pragma_table_info(?)", (board.name + suffix,))
                expected = columns(writer, suffix) if suffix in writer.suffixes else ()
                assert tuple(column for (column,) in listed) == expected
            stored = connection.execute(f'SELECT num, subnum, doc_id FROM "{board.name}" ORDER BY 1, 2').fetchall()
            assert [row[:2] for row in stored] == [(p.num, p.subnum) for p in writer.posts(board)]
        everything = "\n".join(connection.iterdump())
    assert path.with_name("archive.db-wal").exists() is False
    assert (str(SECRET_IP) in everything) == (SECRET_DELPASS in everything) == writer.ghosts
    assert (SECRET_COMMENT in everything) == writer.moderation


@pytest.mark.parametrize("name", EVERY_WRITER)
async def test_mariadb_archive_of_every_writer(
    name: str, archive: DemoArchive, pictures: Pictures, mysql_server: MysqlServer, mysql_database: str
) -> None:
    writer = WRITERS[name]
    target = mysql_server.connect_kwargs(mysql_database)
    await load_mysql(target, archive, writer, pictures)
    connection = await aiomysql.connect(**target)
    try:
        async with connection.cursor() as cursor:
            for board in boards_for(archive, writer):
                for suffix, expected in rows(writer, board, pictures).items():
                    listed = ", ".join(f"`{column}`" for column in columns(writer, suffix))
                    await cursor.execute(f"SELECT {listed} FROM `{board.name}{suffix}` ORDER BY 1")
                    assert [tuple(row) for row in await cursor.fetchall()] == sorted(expected)
    finally:
        connection.close()


@pytest.mark.parametrize("name", EVERY_WRITER)
async def test_postgresql_archive_of_every_writer(
    name: str,
    archive: DemoArchive,
    pictures: Pictures,
    postgresql_server: PostgresqlServer,
    postgresql_database: str,
) -> None:
    writer = WRITERS[name]
    target = postgresql_server.connect_kwargs(postgresql_database)
    await load_postgresql(target, archive, writer, pictures)
    connection = await asyncpg.connect(**target)
    try:
        for board in boards_for(archive, writer):
            for suffix, expected in rows(writer, board, pictures).items():
                listed = ", ".join(f'"{column}"' for column in columns(writer, suffix))
                found = await connection.fetch(f'SELECT {listed} FROM "{board.name}{suffix}" ORDER BY 1')
                bound = [bind("postgresql", writer, suffix, row) for row in sorted(expected)]
                assert [tuple(row) for row in found] == bound
    finally:
        await connection.close()


@pytest.mark.parametrize("name", EVERY_WRITER)
def test_doc_ids_do_not_follow_numbers(name: str, archive: DemoArchive, pictures: Pictures) -> None:
    writer = WRITERS[name]
    board = boards_for(archive, writer)[0].name
    nums = [row["num"] for row in table(writer, "", board, archive, pictures)]
    if board == "g":
        assert nums != sorted(nums)


def test_a_moderated_post_is_in_no_post_table(archive: DemoArchive, pictures: Pictures) -> None:
    for board in archive.boards:
        assert not any(post in board.posts for post in board.moderated)
    (gone,) = archive.board("g").moderated
    (row,) = table(WRITERS["asagi"], "_deleted", "g", archive, pictures)
    assert (row["num"], row["comment"]) == (gone.num, SECRET_COMMENT)


def test_clocks(archive: DemoArchive, pictures: Pictures) -> None:
    board = archive.board("g")
    switch = WRITERS["hayden"].switch_num(board)
    assert switch is not None
    for name in ("asagi", "ritual", "hayden"):
        stored = by_num(table(WRITERS[name], "", "g", archive, pictures))
        for post in WRITERS[name].posts(board):
            shift = stored[post.num, post.subnum]["timestamp"] - post.utc
            if not post.subnum and (name == "ritual" or (name == "hayden" and post.num < switch)):
                assert shift == 0
            else:
                assert shift in (-4 * 3600, -5 * 3600)
    assert new_york(1667714400 - 1) - 1667714400 == -4 * 3600 - 1  # 2022-11-06 06:00 UTC: summer time ends
    assert new_york(1667714400) - 1667714400 == -5 * 3600


def test_picture_names(archive: DemoArchive, pictures: Pictures) -> None:
    board = archive.board("g")
    asagi = by_num(table(WRITERS["asagi"], "", "g", archive, pictures))
    images = {row["media_id"]: row for row in table(WRITERS["asagi"], "_images", "g", archive, pictures)}
    ritual = by_num(table(WRITERS["ritual"], "", "g", archive, pictures))
    old = by_num(table(WRITERS["oldasagi"], "", "g", archive, pictures))
    borrowed = 0
    for post in board.posts:
        key = post.num, post.subnum
        if post.picture is None:
            assert asagi[key]["media_id"] == 0
            assert asagi[key]["media_hash"] is None
            assert old[key]["media_orig"] in (None, "")
            continue
        image = images[asagi[key]["media_id"]]
        assert image["media_hash"] == asagi[key]["media_hash"]
        assert bool(image["banned"]) == post.picture.banned
        assert asagi[key]["media_orig"] == ritual[key]["media_orig"] == post.picture.server_name
        assert ritual[key]["media_id"] == 0
        assert len(old[key]["preview_orig"]) <= 20
        borrowed += image["media"] != post.picture.server_name
    assert borrowed > 5
    assert any(i["preview_op"] and i["preview_reply"] and i["total"] > 1 for i in images.values())
    assert {row["media_orig"] for row in old.values()} & {"", None} == {"", None}
    assert any(row["preview_orig"] and row["preview_orig"].endswith("s.jp") for row in old.values())
    assert list(images) != list(range(1, len(images) + 1))


def test_file_names_and_exif_follow_the_writer(archive: DemoArchive, pictures: Pictures) -> None:
    def found(writer: str, column: str) -> set[Any]:
        return {row[column] for row in table(WRITERS[writer], "", "g", archive, pictures)}

    plain = 'it\'s "quoted" & <tagged>.jpg'
    assert "it&#039;s &quot;quoted&quot; &amp; &lt;tagged&gt;.jpg" in found("asagi", "media_filename")
    assert 'it\'s "quoted" &amp; &lt;tagged&gt;.jpg' in found("neofuuka", "media_filename")
    assert plain in found("ritual", "media_filename")
    assert {"", "null", '{"uniqueIps":"3","Mak'} < found("neofuuka", "exif")
    assert '{"troll_country_code":"PI","troll_country_name":"Pirate"}' in found("neofuuka", "exif")
    assert '{"uniqueIps":17}' in found("ritual", "exif")
    countries = {
        name: {row["poster_country"] for row in table(WRITERS[name], "", "3", archive, pictures)}
        for name in ("asagi", "neofuuka", "ritual")
    }
    assert "XX" in countries["neofuuka"] - countries["asagi"]
    assert {"Germany", "Unknown"} < countries["ritual"]
    assert found("neofuuka", "email") == {None, "sage"}  # only the ghost posts, which FoolFuuka wrote
    assert "" in found("hayden", "comment")
    assert "" not in found("asagi", "comment")


def test_vichan_keeps_html_and_no_names(archive: DemoArchive, pictures: Pictures) -> None:
    stored = table(WRITERS["vichan"], "", "λ", archive, pictures)
    assert {(row["name"], row["title"], row["media_filename"]) for row in stored} == {(None, None, None)}
    assert any("onclick=" in (row["comment"] or "") for row in stored)
    with pytest.raises(ValueError, match="asagi does not store the board λ"):
        rows(WRITERS["asagi"], archive.board("λ"), pictures)


@pytest.mark.parametrize(
    ("name", "with_op"), [("asagi", True), ("neofuuka", True), ("oldasagi", True), ("ritual", False)]
)
def test_thread_rows(name: str, with_op: bool, archive: DemoArchive, pictures: Pictures) -> None:
    writer, board = WRITERS[name], archive.board("g")
    stored = {row["thread_num"]: row for row in table(writer, "_threads", "g", archive, pictures)}
    assert set(board.threads()) - set(stored) == board.unlisted
    for num, row in stored.items():
        posts = [post for post in writer.posts(board) if post.thread_num == num]
        counted = posts if with_op else [post for post in posts if not post.op and not post.deleted]
        assert row["nreplies"] == len(counted)
        assert row["nimages"] == sum(post.picture is not None for post in counted)
        assert (row["time_ghost"] is not None) == any(post.subnum for post in posts)
        assert (row["time_op"] == 0) == (not any(post.op for post in posts))
        assert row["time_bump"] <= row["time_last"]
    sticky = next(post for post in board.posts if post.sticky)
    assert stored[sticky.num]["sticky"] == (1 if name == "ritual" else 0)
    assert any(row["time_bump"] < row["time_last"] for row in stored.values()) == writer.emails


def test_users_and_days(archive: DemoArchive, pictures: Pictures) -> None:
    posts = table(WRITERS["asagi"], "", "g", archive, pictures)
    users = table(WRITERS["asagi"], "_users", "g", archive, pictures)
    days = table(WRITERS["asagi"], "_daily", "g", archive, pictures)
    assert sum(user["postcount"] for user in users) == sum(day["posts"] for day in days) == len(posts)
    assert all(day["anons"] + day["trips"] + day["names"] == day["posts"] for day in days)
    assert sum(day["images"] for day in days) == sum(bool(post["media_hash"]) for post in posts)
    assert table(WRITERS["hayden"], "_users", "g", archive, pictures) == []


def test_exif_of_an_original_asagi_is_kept_as_it_is(archive: DemoArchive, pictures: Pictures) -> None:
    stored = by_num(table(WRITERS["asagi"], "", "g", archive, pictures))
    for post in archive.board("g").posts:
        assert stored[post.num, post.subnum]["exif"] == post.exif
    assert json.loads('{"uniqueIps":9}') in [
        json.loads(row["exif"]) for row in stored.values() if (row["exif"] or "").startswith('{"uniqueIps":9')
    ]
