"""Countries as writers store them, with the code and the name that clients expect."""

import pytest

from app.countries import COUNTRIES, country_of


def test_every_code_has_a_name() -> None:
    assert len(COUNTRIES) == 253
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
    assert all(name == name.strip() and ";" not in name for name in COUNTRIES.values())
    assert len(set(COUNTRIES.values())) == 253


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ("US", ("US", "United States")),
        ("us", ("US", "United States")),
        ("Germany", ("DE", "Germany")),
        ("korea, republic of", ("KR", "Korea, Republic of")),
        ("ZW", ("ZW", "Zimbabwe")),
        ("AD", ("AD", "Andorra")),
        ("xx", ("XX", None)),
        ("Narnia", ("Narnia", None)),
    ],
)
def test_codes_and_names_are_understood(stored: str, found: tuple[str, str | None]) -> None:
    assert country_of(stored) == found
