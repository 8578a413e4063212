"""The template environment: our own, not Quart's, and what it makes of a template is quick.

Quart's is asynchronous, which costs about twice the time, and escapes by file name. Ours escapes everything, always.
"""

from __future__ import annotations

import re
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup
from markupsafe import escape as escape_any

from app.resources import resource

_special: Final = re.compile(r"""[&<>"']""").search
_OWN_ESCAPE: Final = f"; from {__name__} import escape"


def make_environment() -> Environment:
    """The environment of all templates."""
    return _QuickEnvironment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def escape(value: Any) -> str:
    """What a template prints of a value. A page prints thousands, of which few hold anything to escape."""
    kind = value.__class__
    if kind is str:
        return value if _special(value) is None else escape_any(value)
    if kind is int:
        return str(value)
    return value if kind is Markup else escape_any(value)


class _QuickCode(CodeGenerator):
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Reads attributes as Python does, without looking for items of the same name."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")


class _QuickEnvironment(Environment):
    code_generator_class = _QuickCode

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        # In its first line the code imports the escaping of Jinja's runtime. Lines keep their numbers, for errors.
        first, rest = super()._generate(source, name, filename, defer_init).split("\n", 1)
        return f"{first}{_OWN_ESCAPE}\n{rest}"
