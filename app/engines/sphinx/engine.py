"""The engine as a whole: one client and one catalogue for all its walks."""

from __future__ import annotations

from app.engines.pacing import Pace
from app.engines.sphinx.catalogue import Catalogue
from app.engines.sphinx.client import SphinxClient
from app.engines.sphinx.walk import sphinx_walker
from app.engines.walking import WalkingEngine
from app.settings.search import SphinxSettings


def sphinx_engine(settings: SphinxSettings, pace: Pace, *, at_once: int) -> WalkingEngine:
    """Connects when it is first asked: a server that is away keeps nothing else from working."""
    client = SphinxClient(settings, largest=at_once)
    catalogue = Catalogue(client, settings.indexes)
    walker = sphinx_walker(client, catalogue, seconds=pace.budget)
    return WalkingEngine(walker, pace, at_once=at_once, close=client.close)
