"""gallery-dl, as its users start it, downloads from our server what it would from FoolFuuka and from vichan."""

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec import Struct

from tests.support.client_archives import Archive, Picture, pictures_of, serving_genuine
from tests.support.client_stage import BANNED, PICTURED, QUIET, SINGLE, TALK, picture, serving_stage
from tests.support.clients import ran
from tests.support.foolfuuka_stub import foolfuuka_with_nothing

ARCHIVES = ("ritual-sqlite", "neofuuka-mariadb", "asagi-postgresql")
"""One on each kind of database, one of each way to store files."""

Download = Callable[..., "Downloaded"]


class Downloaded(Struct, frozen=True):
    """How it ended, what it said, and the files it left, by name."""

    status: int
    said: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def gallery_dl(client: Callable[[str], list[str]]) -> list[str]:
    """Asked for before any archive is loaded: without the program there is no use for it."""
    return client("gallery-dl")


@pytest.fixture
def download(gallery_dl: list[str], tmp_path: Path) -> Download:
    """Starts gallery-dl with an address; the server is made known to it in its settings, as its manual says."""

    def start(base: str, address: str, interface: str = "foolfuuka") -> Downloaded:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        target, config = folder / "files", folder / "config.json"
        folder.mkdir()
        # All files in one folder; nothing is asked twice; no pauses, which are to spare other people's servers.
        extractor = {"base-directory": str(target), "directory": [], "retries": 0, "sleep-request": 0}
        extractor[interface] = {"koiwai": {"root": base}}
        config.write_text(json.dumps({"extractor": extractor, "cache": {"file": None}}), "utf-8")
        done = ran([*gallery_dl, "--no-colors", "--config-ignore", "--config", str(config), base + address], folder)
        files = {file.name: file.read_bytes() for file in target.rglob("*") if file.is_file()}
        return Downloaded(done.returncode, done.stderr, files)

    return start


@pytest.fixture(scope="module", params=ARCHIVES)
def archive(
    gallery_dl: list[str],
    request: pytest.FixtureRequest,
    genuine_archives: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Archive]:
    with serving_genuine(request, request.param, genuine_archives, tmp_path_factory.mktemp("served")) as served:
        yield served


def named(pictures: list[Picture]) -> dict[str, bytes]:
    """The files that the FoolFuuka part of gallery-dl leaves: time, uploader's name, kind of the stored file."""
    found = {}
    for each in pictures:
        name = f"{each.original.rpartition('.')[0]} {each.filename.rpartition('.')[0]}"
        found[_on_disk(f"{name}.{each.stored.rpartition('.')[2]}")] = each.contents
    assert len(found) == len(pictures)
    return found


def _on_disk(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", name.replace("/", "_"))


def test_a_thread(archive: Archive, download: Download) -> None:
    board = archive.main
    num = archive.telling(board)
    pictures = pictures_of(archive.thread(board, num))
    assert len(pictures) > 10
    done = download(archive.base, f"/{board}/thread/{num}/")
    assert (done.status, done.said) == (0, "")
    assert done.files == named(pictures)


def test_a_page_of_a_board(archive: Archive, download: Download) -> None:
    board = min(archive.posts, key=lambda board: len(archive.posts[board]))
    threads = archive.threads(board)
    newest = sorted(threads, reverse=True)[:10]
    done = download(archive.base, f"/{board}/page/1")
    assert (done.status, done.said) == (0, "")
    assert done.files == named([each for num in newest for each in pictures_of(threads[num])])


def test_a_gallery(archive: Archive, download: Download) -> None:
    board = archive.main
    done = download(archive.base, f"/{board}/gallery")
    assert (done.status, done.said) == (0, "")
    assert done.files == named(pictures_of([post for post in archive.posts[board] if post.op]))


def test_searches(archive: Archive, download: Download) -> None:
    """Three of those whose results truth.json lists."""
    for field, key in (("text", "text"), ("md5", "image"), ("name", "username")):
        lookup = next(one for one in archive.true["lookups"] if one["field"] == field)
        board, wanted = lookup["board"], set(lookup["posts"])
        pictures = pictures_of([post for post in archive.posts[board] if str(post.num) in wanted])
        done = download(archive.base, f"/{board}/search/{key}/{quote(lookup['value'], safe='')}/")
        assert (done.status, done.said) == (0, ""), lookup
        assert done.files == named(pictures), lookup


def test_a_thread_by_the_interface_of_vichan(archive: Archive, download: Download) -> None:
    board = archive.main
    num = archive.telling(board)
    done = download(archive.base, f"/{board}/res/{num}.html", "vichan")
    assert (done.status, done.said) == (0, "")
    _check_vichan(done, pictures_of(archive.thread(board, num)))


def _check_vichan(done: Downloaded, pictures: list[Picture]) -> None:
    """This part of gallery-dl takes the uploader's name as 4chan sends it, which is as HTML, behind the post's time."""
    assert sorted(done.files.values()) == sorted(each.contents for each in pictures)
    stems = (html.escape(each.filename.rpartition(".")[0]).replace("&#x27;", "&#039;") for each in pictures)
    kinds = (each.original.rpartition(".")[2] for each in pictures)
    wanted = [_on_disk(f"{stem}.{kind}") for stem, kind in zip(stems, kinds, strict=True)]
    assert sorted(name.partition(" ")[2] for name in done.files) == sorted(wanted)


@pytest.fixture(scope="module")
def staged(
    gallery_dl: list[str], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a small board with a banned file, which is still on disk."""
    with serving_stage(request, "sqlite", tmp_path_factory.mktemp("served")) as served:
        yield served.base


@pytest.mark.parametrize(
    ("address", "nums"),
    [
        (f"/g/thread/{TALK}/", PICTURED),
        ("/g/page/2", [*PICTURED, *SINGLE[:3]]),
        ("/g/gallery/1", [TALK, BANNED, *SINGLE]),
        ("/g/search/filename/picture%20200/", [200]),
        (f"/g/thread/{QUIET}/", []),
    ],
)
def test_an_invented_board(staged: str, download: Download, address: str, nums: list[int]) -> None:
    done = download(staged, address)
    assert (done.status, done.said) == (0, "")
    assert done.files == named([picture(num) for num in nums])


def test_a_thread_without_files_by_the_interface_of_vichan(staged: str, download: Download) -> None:
    done = download(staged, f"/g/res/{QUIET}.html", "vichan")
    assert (done.status, done.said, done.files) == (0, "", {})


def test_a_banned_file_is_left_out_by_the_interface_of_vichan(staged: str, download: Download) -> None:
    done = download(staged, f"/g/res/{BANNED}.html", "vichan")
    assert (done.status, done.said) == (0, "")
    _check_vichan(done, [picture(num) for num in (BANNED, BANNED + 2)])


@pytest.mark.parametrize("address", ["/g/thread/999999999/", "/g/search/text/nowordatall/"])
def test_nothing_there_is_told_as_by_foolfuuka(staged: str, download: Download, address: str) -> None:
    """A thread that is not there is an error to gallery-dl, a search without results is none."""
    ours = download(staged, address)
    with foolfuuka_with_nothing() as base:
        theirs = download(base, address)
    assert ours.files == theirs.files == {}
    assert (ours.status, ours.said.replace(staged, base)) == (theirs.status, theirs.said)
    assert theirs.status == ("thread" in address)


def test_a_banned_file_does_not_keep_the_others_away(staged: str, download: Download) -> None:
    """As from FoolFuuka, which gives banned files addresses where nothing is: one failure, and all the others."""
    done = download(staged, f"/g/thread/{BANNED}/")
    assert done.files == named([picture(num) for num in (BANNED, BANNED + 2)])
    assert (done.status, done.said.count("Failed to download")) == (4, 1)


@pytest.fixture(scope="module")
def greek(
    gallery_dl: list[str],
    request: pytest.FixtureRequest,
    genuine_archives: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Archive]:
    """Two small boards of a vichan site, one named by a letter that addresses cannot hold as it is."""
    folder = tmp_path_factory.mktemp("served")
    with serving_genuine(request, "vichan-sqlite", genuine_archives, folder) as served:
        yield served


def test_a_whole_board(greek: Archive, download: Download) -> None:
    """gallery-dl puts the board's name into the query as it stands in the address, so it is encoded twice."""
    done = download(greek.base, f"/{quote('λ')}/")
    assert (done.status, done.said) == (0, "")
    assert done.files == named(pictures_of(greek.posts["λ"]))


def test_a_whole_board_by_the_interface_of_vichan(greek: Archive, download: Download) -> None:
    done = download(greek.base, f"/{quote('λ')}/", "vichan")
    assert (done.status, done.said) == (0, "")
    _check_vichan(done, pictures_of(greek.posts["λ"]))


@pytest.mark.parametrize("boards", ["λ", "_"])
def test_posts_with_one_picture(greek: Archive, download: Download, boards: str) -> None:
    """Its hash has a slash and a plus, which are encoded in the address and then once more."""
    (lookup,) = (lookup for lookup in greek.true["lookups"] if lookup["field"] == "md5")
    assert "/" in lookup["value"] and "+" in lookup["value"]
    done = download(greek.base, f"/{quote(boards)}/search/image/{quote(lookup['value'], safe='')}/")
    assert (done.status, done.said) == (0, "")
    assert done.files == named(
        pictures_of([post for post in greek.posts["λ"] if str(post.num) in set(lookup["posts"])])
    )
