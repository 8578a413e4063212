"""Addresses with names in braces: what may stand in them, and what would let a page load from where it must not."""

from pathlib import Path

import pytest

from tests.support.settings_files import load, problems

BAD_MEDIA = [
    "https://cdn;script-src/{path}",
    "https://*.example/{path}",
    "https://one.example,two.example/{path}",
    "https://cdn.example:x/{path}",
    "https://cdn.example:99999/{path}",
    "https://cdn.example/{name!r}",
    "https://cdn.example/{path[0]}",
    "https://cdn.example/{{path}}",
    "https://{board}.example/{path}",
    "https://user:sesame@cdn.example/{path}",
    "//cdn.example/{path}",
    "javascript://cdn.example/{path}",
    "https://cdn.example/ü/{path}",
]


@pytest.mark.parametrize("address", BAD_MEDIA)
@pytest.mark.parametrize("key", ["image_url", "thumb_url"])
def test_addresses_that_are_none_or_lead_anywhere_are_refused(tmp_path: Path, key: str, address: str) -> None:
    (line,) = problems(tmp_path, f'[media]\n{key} = "{address}"\n')
    assert line.startswith(f"config.toml: [media] {key} must be an http or https address")
    assert "{board} {name} {path}" in line and "sesame" not in line


@pytest.mark.parametrize(
    ("section", "key", "address", "sentence"),
    [
        ("media", "image_url", "https://cdn.example/{board}/", "must hold {path}"),
        ("media", "thumb_url", "https://cdn.example/{pth}", "must not hold {pth}; only these are replaced: ..."),
        ("media", "image_url", "https://[2001:db8::1]/{path}", "must name its host by name or IPv4 address..."),
        ("archive", "thread_url", "https://{host}/{board}/", "must hold {thread}"),
        ("archive", "post_url", "https://{host}/{thread}#{post}", "must hold {board}"),
        ("archive", "board_url", "https://{host}/{post}/", "must not hold {post}; only these are replaced: ..."),
    ],
)
def test_names_must_be_known_and_enough(tmp_path: Path, section: str, key: str, address: str, sentence: str) -> None:
    (line,) = problems(tmp_path, f'[{section}]\n{key} = "{address}"\n')
    assert line.startswith(f"config.toml: [{section}] {key} {sentence.removesuffix('...')}")


def test_good_addresses_stay_as_they_are(tmp_path: Path) -> None:
    media = {
        "image_url": "https://cdn.example:8443/a/{board}/image/{path}?size=full",
        "thumb_url": "http://192.0.2.1/thumbs/{name}",
    }
    archive = {
        "board_url": "",
        "post_url": "",
        "host": "boards.example.net",
        "thread_url": "https://{host}/{board}/res/{thread}.html",
    }
    text = "[media]\n" + "".join(f'{key} = "{value}"\n' for key, value in media.items())
    text += "[archive]\n" + "".join(f'{key} = "{value}"\n' for key, value in archive.items())
    settings = load(tmp_path, text)
    assert (settings.media.image_url, settings.media.thumb_url) == tuple(media.values())
    assert {key: getattr(settings.archive, key) for key in archive} == archive
