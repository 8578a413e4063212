"""The documents of the project, taken apart: prose, code in sentences, blocks of code, links."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```(\S*)$")
_MARK = re.compile(r"^<!-- (.*) -->$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"(`+)(.+?)\1")


class Block(NamedTuple):
    """A block of code. `mark` is the comment in the line before it, which readers do not see."""

    kind: str
    """What stands after the fence; "" for none, and for blocks that are indented."""
    text: str
    line: int
    mark: str


class Document(NamedTuple):
    name: str
    prose: str
    """Everything but the blocks."""
    blocks: tuple[Block, ...]

    @property
    def spans(self) -> list[str]:
        """Code in sentences and tables; where a line was broken stands a blank."""
        paragraphs = re.split(r"\n(?=\n|[|*#-])", self.prose)
        return [" ".join(found[2].split()) for part in paragraphs for found in _SPAN.finditer(" ".join(part.split()))]

    @property
    def links(self) -> list[str]:
        return _LINK.findall(re.sub(_SPAN, "", self.prose))

    @property
    def anchors(self) -> set[str]:
        """Headings as the end of an address."""
        headings = re.findall(r"(?m)^#+ (.+)$", self.prose)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def section(self, heading: str) -> str:
        """The text under a heading, up to the next one of its rank, blocks included."""
        text = (ROOT / self.name).read_text("utf-8")
        start = re.search(rf"(?m)^(#+) {re.escape(heading)}$", text)
        assert start is not None, f"{self.name} has no section {heading}"
        end = re.search(rf"(?m)^#{{1,{len(start[1])}}} ", text[start.end() :])
        return text[start.end() :][: end.start() if end else None]


@cache
def document(name: str) -> Document:
    """The document of this name, seen from the top of the project."""
    prose: list[str] = []
    blocks: list[Block] = []
    lines = iter(enumerate((ROOT / name).read_text("utf-8").split("\n"), 1))
    before, goes_on = "", False
    for number, line in lines:
        if (fence := _FENCE.match(line)) is not None:
            text = "\n".join(_until_fence(lines))
            mark = _MARK.match(before)
            blocks.append(Block(fence[1], text, number, mark[1] if mark else ""))
        elif line.startswith("    ") and (goes_on or not before.strip()):
            if goes_on:
                blocks[-1] = blocks[-1]._replace(text=f"{blocks[-1].text}\n{line[4:]}")
            else:
                blocks.append(Block("", line[4:], number, ""))
            goes_on, before = True, ""
            continue
        goes_on = goes_on and not line
        before = line
        prose.append(line)
    return Document(name, "\n".join(line for line in prose if not _FENCE.match(line)), tuple(blocks))


def _until_fence(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if line == "```":
            return
        yield line


def documents() -> list[Document]:
    """README.md and all of docs/."""
    return [
        document(str(path.relative_to(ROOT))) for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    ]


def commands_in(code: str) -> Iterator[list[str]]:
    """The words after each `koiwai` that is run, without comments and what the shell does with the output."""
    lines = re.sub(r"\\\n\s*", " ", code).split("\n")
    for line in lines:
        found = re.search(r"(?:^ *|-- |&& |bin/)(?:koiwai|python -m app) +((?:--)?[a-z][^#>|;&`]*)", line)
        if found is not None:
            yield found[1].split()
