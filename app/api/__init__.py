"""Interfaces for programs. `native` is our own API; interfaces of other software are its siblings."""

from app.api.errors import error_response, is_for_programs
from app.api.routes import api_blueprint

__all__ = ["api_blueprint", "error_response", "is_for_programs"]
