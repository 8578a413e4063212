"""What can be searched for, whatever engine finds it: the table of fields, one frozen `Query`, what matches.

Nothing here knows a database. Engines (`app.engines`) take a `Query` and name the posts that it means.
"""

from __future__ import annotations

from app.search.fields import FIELDS, Field
from app.search.query import Asked, Filter, InvalidSearch, Query, read_query

__all__ = ["FIELDS", "Asked", "Field", "Filter", "InvalidSearch", "Query", "read_query"]
