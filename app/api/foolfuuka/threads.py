"""Threads and posts as FoolFuuka answers them (FoolFuuka notes, section 2)."""

from __future__ import annotations

from quart import Response

from app.errors import NotFound


async def index() -> Response:
    raise NotFound


async def thread() -> Response:
    raise NotFound


async def deleted() -> Response:
    raise NotFound


async def post() -> Response:
    raise NotFound


async def gallery() -> Response:
    raise NotFound
