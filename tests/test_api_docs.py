"""docs/api.md names every route, parameter and field of the JSON interface, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from app.api import shapes
from app.api.errors import ErrorAnswer, ErrorFacts
from tests.support.asgi import ask
from tests.support.fake_archive import HASH, V1, FakeArchive, build_app

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_field_is_documented_and_no_other() -> None:
    structs = [
        value for value in vars(shapes).values() if isinstance(value, type) and value.__module__ == shapes.__name__
    ]
    fields = {name for struct in (*structs, ErrorAnswer, ErrorFacts) for name in struct.__struct_fields__}
    assert len(structs) > 8
    in_code_font = set(re.findall(r"`([^`\n]+)`", DOCS))
    assert fields <= in_code_font
    rows = re.findall(r"^\| field \| meaning \|\n\|[-|]+\n((?:\|.*\n)+)", DOCS, re.MULTILINE)
    listed = {name for row in "".join(rows).splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert listed <= fields


def test_every_route_is_documented_and_no_other() -> None:
    app = build_app(FakeArchive())
    routes = set()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("anything_else"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            routes.add(path.replace("{media_hash}", "{hash}"))
    assert set(re.findall(r"^`GET (\S+)`", DOCS, re.MULTILINE)) == routes
    assert len(re.findall(r"^    curl ", DOCS, re.MULTILINE)) >= len(routes)


async def test_every_documented_parameter_is_understood() -> None:
    app = build_app(FakeArchive())
    samples = {
        **{"order": "bump", "before": "5", "after": "5", "page": "1"},
        **{"limit": "1", "replies": "1", "rendered": "1"},
    }
    documented = set(re.findall(r"^\| `(\w+)` \| [^|]+\|[^|]+\|", DOCS, re.MULTILINE)) & set(samples)
    assert documented == set(samples)
    routes = {
        "threads": tuple(samples),
        "catalog": ("order", "before", "after", "limit", "rendered"),
        "threads/100": ("after", "rendered"),
        "posts/100": ("rendered",),
        f"media/{HASH}": ("before", "limit", "rendered"),
    }
    for route, names in routes.items():
        for name, value in samples.items():
            answer = await ask(app, f"{V1}/g/{route}?{name}={value}")
            assert answer.status == (200 if name in names else 400), (route, name)
