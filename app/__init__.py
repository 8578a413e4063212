"""Koiwai reads Asagi imageboard archives and serves them as pages and as JSON.

`create_app` is what a server is given: `hypercorn 'app:create_app()'`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quart import Quart, Response

    from app.settings import Settings

log = logging.getLogger("koiwai")


def create_app(settings: Settings | None = None) -> Quart:
    """The application, not yet connected to anything: that happens when a server starts it.

    Without `settings` they are read from the files and variables of the process's surroundings
    (see `app.settings.file`); what is wrong with them ends the process with a sentence and status 1.
    """
    from quart import Quart, request
    from werkzeug.exceptions import HTTPException

    from app.api import api_blueprint, error_answer, foolfuuka_blueprint, fourchan_blueprint
    from app.archive import Archive
    from app.context import EXTENSION
    from app.errors import KoiwaiError, SettingsError
    from app.labels import label_answers
    from app.looks import is_folder
    from app.media import media_blueprint
    from app.proxy import Proxied, settled_root_path
    from app.request_log import RequestLog
    from app.settings.file import load_settings
    from app.static import static_blueprint
    from app.telemetry import set_up_logging
    from app.web import error_page, format_posts, pages_blueprint

    if settings is None:
        try:
            settings = load_settings(os.environ, Path.cwd())
        except SettingsError as error:
            raise SystemExit(f"koiwai: {error}") from None
    set_up_logging(settings.log)

    class Koiwai(Quart):
        def log_exception(self, *arguments: Any) -> None:
            """What an operator can mend is one line, without a trace of our own insides."""
            exception_info = arguments[-1]  # since Quart 0.23 a context stands before it
            if isinstance(error := exception_info[1], SettingsError):
                for problem in error.problems:
                    log.critical("%s", problem)
            else:
                log.error("something failed that nothing had foreseen", exc_info=exception_info)

    app = Koiwai(__name__, static_folder=None, template_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    hops = settings.app.trusted_hops
    logged = RequestLog(app.asgi_app, trust_ids=hops > 0, lines=settings.log.requests)
    app.asgi_app = Proxied(  # type: ignore[method-assign]
        logged, hops=hops, root_path=settled_root_path(settings.app)
    )
    archive = Archive(settings)
    app.extensions[EXTENSION] = archive
    for blueprint in (
        api_blueprint(),
        foolfuuka_blueprint(format_posts),
        fourchan_blueprint(),
        media_blueprint(),
        static_blueprint(),
        pages_blueprint(),
    ):
        app.register_blueprint(blueprint)

    async def answer_error(error: Exception) -> Response:
        return (error_answer(request.path) or error_page)(error)

    for kind in (KoiwaiError, HTTPException, Exception):
        app.register_error_handler(kind, answer_error)

    label_answers(app)

    @app.while_serving
    async def serve_archive() -> AsyncGenerator[None, None]:
        media = settings.media
        if media.enabled and not (media.image_url and media.thumb_url) and not is_folder(media.root):
            log.warning("[media] root: there is no folder %s, so pictures will be missing", media.root)
        await archive.open()
        try:
            yield
        finally:
            await archive.close()

    return app
