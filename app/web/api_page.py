"""The page that explains the API, made of the same document that programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.contract import Operation, current_document, operations, schemas
from app.model import listed
from app.web.render import Card, render


class Question(Struct, frozen=True):
    """An operation and an address to try it with."""

    operation: Operation
    example: str


class Group(Struct, frozen=True):
    """Operations under one heading."""

    name: str
    questions: tuple[Question, ...]


def add_routes(blueprint: Blueprint) -> None:
    # What is not GET below /api/ is answered by the API itself, OPTIONS included.
    blueprint.add_url_rule("/api/", view_func=api, provide_automatic_options=False, strict_slashes=False)


async def api() -> Response:
    document, links = current_document(), absolute_links()
    boards = [board.name for board in listed(current_archive().boards) if board.available]
    asked = operations(document)
    groups: dict[str, list[Question]] = {}
    for operation in asked:
        example = links.filled(operation.example, _examples(operation, boards))
        groups.setdefault(operation.group, []).append(Question(operation, example))
    statuses = {status: meaning for operation in asked for status, meaning in operation.statuses}
    return render(
        "api.html",
        title="API",
        card=Card(links.api(), description="What the pages of this archive show, for programs."),
        about=document["info"]["description"],
        version=document["info"]["version"],
        document_href=page_links().api_document(),
        groups=[Group(name, tuple(questions)) for name, questions in groups.items()],
        statuses=sorted({**statuses, "200": "Here it is."}.items()),
        schemas=schemas(document),
    )


def _examples(operation: Operation, boards: Sequence[str]) -> Mapping[str, str]:
    """What stands for the parts of the path, the board being one that this archive has."""
    if "board" in operation.examples and boards and operation.examples["board"] not in boards:
        return {**operation.examples, "board": boards[0]}
    return operation.examples
