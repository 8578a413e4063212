"""The `exif` column, as every scraper writes it and as it should not be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exif import LONGEST_VALUE, MOST_ROWS, Exif, read_exif


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"uniqueIps":"12"}', Exif(unique_ips=12)),
        ('{"uniqueIps":12,"archivedOn":1600000000}', Exif(unique_ips=12, archived_on=1_600_000_000)),
        ('{"since4pass":"2014"}', Exif(since4pass=2014)),
        ('{"troll_country_code":"AC","troll_country_name":"Anarcho"}', Exif(flag=("AC", "Anarcho"))),
        ('{"trollCountry":"Gadsden"}', Exif(flag=("Gadsden", "Gadsden"))),
        ('{"troll_country":"GN"}', Exif(flag=("GN", "GN"))),
        ('{"Make":"A &amp; B","ISO":200}', Exif(table=(("Make", "A & B"), ("ISO", "200")))),
        ('{"tim":1,"comment":"<b>x</b>","uniqueIps":"x"}', Exif()),
        ('{"tim":1668902400123456}', Exif(tim=1_668_902_400_123_456)),
        ('{"tim":"1668902400123456"}', Exif(tim=1_668_902_400_123_456)),
        ('{"tim":1e300,"archivedOn":"soon"}', Exif()),
        ('{"tim":[1668902400123456],"archivedOn":true}', Exif()),
        ('{"uniqueIps":true,"since4pass":-1}', Exif()),
        ('{"uniqueIps":99999999999999999999999}', Exif()),
        ('{"FILE":{"Name":"x"},"List":[1],"None":null,"Flag":true,"":"x","Empty":""}', Exif()),
    ],
)
def test_stored_forms(text: str, expected: Exif) -> None:
    assert read_exif(text) == expected


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", '"x"', "7", "null", '{"a":"b', "[" * 5000, '{"a":"\ud800"}', "nan"]
)
def test_unreadable_text_says_nothing(text: str | None) -> None:
    assert read_exif(text) == Exif()


def test_the_table_is_limited() -> None:
    read = read_exif(json.dumps({f"Key {n}": "v" * 10_000 for n in range(500)}))
    assert len(read.table) == MOST_ROWS
    assert {len(value) for _, value in read.table} == {LONGEST_VALUE}


@given(st.text(alphabet=st.characters()))
def test_any_text_is_accepted(text: str) -> None:
    assert isinstance(read_exif(text), Exif)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text() | st.sampled_from(["uniqueIps", "since4pass", "trollCountry"]), values))
def test_any_object_is_accepted(stored: dict[str, object]) -> None:
    assert isinstance(read_exif(json.dumps(stored)), Exif)
