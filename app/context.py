"""What a view finds around it: the archive of the running app, and addresses that fit the request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from quart import current_app, request

from app.errors import BadRequest
from app.urls import Links, LiveLinks

if TYPE_CHECKING:
    from app.archive import Archive

EXTENSION = "koiwai"
"""The key of the Archive in `app.extensions`."""

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


def current_archive() -> Archive:
    """The Archive that the running app serves."""
    return cast("Archive", current_app.extensions[EXTENSION])


def page_links() -> Links:
    """Addresses without a host, for links on our own pages.

    They begin with the sub-path that this site stands at, which `app.proxy` has put into the request.
    """
    return Links(_root_path())


def absolute_links() -> Links:
    """Addresses with scheme and host, for feeds, redirects and other sites.

    They begin with the setting `app.url`; where that is unset, with the request's scheme and Host, so that
    whatever is made with them belongs to that host only. Raises BadRequest for a Host that is none.
    """
    url = current_archive().settings.app.url
    if url:
        return Links(url)
    if _HOST.fullmatch(request.host) is None:
        raise BadRequest("The Host header of the request is not a host name.")
    return Links(f"{request.scheme}://{request.host}{_root_path()}")


def shared_links() -> Links:
    """Addresses as given to other programs: absolute with the setting `app.url`, else like `page_links`.

    Unlike `absolute_links` they never depend on the Host of the request, so one answer serves all hosts.
    """
    return Links(current_archive().settings.app.url or _root_path())


def live_links() -> LiveLinks:
    """Addresses on the live site."""
    settings = current_archive().settings
    without = frozenset(name for name, board in settings.boards.items() if not board.live)
    return LiveLinks(settings.archive, without)


def _root_path() -> str:
    return quote(request.root_path.rstrip("/"), safe="/")
