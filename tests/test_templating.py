"""What templates print: everything escaped, nothing that is not there."""

from typing import Any

import pytest
from jinja2 import DictLoader, Environment, UndefinedError
from markupsafe import Markup
from markupsafe import escape as usual_escape

from app.model import PostId
from app.web.templating import escape, make_environment


@pytest.fixture
def environment() -> Environment:
    return make_environment()


def printed(environment: Environment, text: str, **values: Any) -> str:
    environment.loader = DictLoader({"page.html": text})
    return environment.get_template("page.html").render(**values)


class Telling:
    def __html__(self) -> str:
        return "<b>told</b>"


class Text(str):
    """As markup of other kinds, or text that came through a library."""


@pytest.mark.parametrize(
    "value",
    [
        "", "plain", "a & b", "<script>", "'\"", "\u2028<", "ünï", 7, -1, 0.5, True, None, Markup("<b>&amp;</b>"),
        Telling(), Text("<i>"), ["<"], b"<b>", PostId(5, 1),
    ],
)  # fmt: skip
def test_it_escapes_as_markupsafe_does(environment: Environment, value: Any) -> None:
    assert escape(value) == usual_escape(value)
    assert printed(environment, "[{{ value }}]", value=value) == f"[{usual_escape(value)}]"


def test_what_a_macro_or_a_block_prints_is_escaped_once(environment: Environment) -> None:
    text = """{% macro name(text) %}<b title="{{ text }}">{{ caller() }}</b>{% endmacro %}
{% call name(value) %}{{ value }}{% endcall %}{% set kept %}{{ value }}{% endset %}{{ kept }}{{ "<" ~ value }}"""
    expected = '<b title="&lt;&#34;&gt;">&lt;&#34;&gt;</b>&lt;&#34;&gt;&lt;&lt;&#34;&gt;'
    assert printed(environment, text, value='<">').strip() == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{{ missing }}", UndefinedError),
        ("{{ missing.name }}", UndefinedError),
        ("{{ post.nmu }}", AttributeError),
        ("{% if post.nmu %}{% endif %}", AttributeError),
    ],
)
def test_a_name_that_is_not_there_is_no_blank(environment: Environment, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        printed(environment, text, post=PostId(5))


def test_an_error_names_its_line(environment: Environment) -> None:
    with pytest.raises(ZeroDivisionError) as told:
        printed(environment, "\n\n{{ 1 // value }}", value=0)
    assert told.traceback[-1].lineno + 1 == 3
