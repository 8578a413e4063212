"""What every page says about the site itself, made fit to print."""

from __future__ import annotations

from msgspec import Struct

from app.sendfile import regular_file
from app.settings import SiteSettings
from app.urls import Links, contact_link
from app.web.text import fit


class SiteView(Struct, frozen=True, gc=False):
    """The site for `base.html`; "" and None print nothing."""

    name: str
    description: str
    notice: str
    theme: str
    contact: str
    """A mail address or an address of the web."""
    contact_href: str
    banner_href: str | None
    """None also while the picture's file is missing: a page without it is better than one with a gap."""


def site_view(settings: SiteSettings, links: Links) -> SiteView:
    shows_banner = settings.banner is not None and regular_file(settings.banner) is not None
    return SiteView(
        name=fit(settings.name),
        description=fit(settings.description),
        notice=fit(settings.notice),
        theme=settings.theme,
        contact=fit(settings.contact),
        contact_href=contact_link(settings.contact) if settings.contact else "",
        banner_href=links.banner() if shows_banner else None,
    )
