"""Interfaces for programs. `native` is our own API; interfaces of other software are its siblings."""

from app.api.health import health_blueprint
from app.api.native import api_blueprint

__all__ = ["api_blueprint", "health_blueprint"]
