"""Interfaces for programs. `native` is our own API; interfaces of other software are its siblings."""

from app.api.errors import error_response, is_for_programs
from app.api.health import health_blueprint
from app.api.native import api_blueprint

__all__ = ["api_blueprint", "error_response", "health_blueprint", "is_for_programs"]
