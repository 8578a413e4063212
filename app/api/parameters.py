"""The parameters of our own API, each in its only place."""

from __future__ import annotations

from typing import Final, Literal

from app.api.kinds import Choice, Cursor, Flag, Integer, Names, PostNumber
from app.api.search_fields import BoardNames
from app.api.shapes import PostShape
from app.archive import LARGEST_SEARCH_PAGE
from app.engines.walking import MOST_PAGES

ThreadOrder = Literal["bump", "creation", "ghost"]
SearchOrder = Literal["desc", "asc"]
SearchResults = Literal["posts", "thread"]

ORDER: Final = Choice[ThreadOrder](
    "order",
    "`bump`: by last bump; `creation`: by age; `ghost`: only threads with ghost posts, by their last ghost bump; "
    "newest first",
    ("bump", "creation", "ghost"),
)
BEFORE: Final = Cursor("before", "threads that follow it in the list")
AFTER: Final = Cursor("after", "threads just before it in the list")
PAGE: Final = Integer("page", "a page by its number, instead of `before` or `after`", None, 1)
THREADS: Final = Integer("limit", "threads per answer", 10, 1, 50)
OVERVIEW: Final = Integer("limit", "threads per answer", 150, 1, 150)
REPLIES: Final = Integer("replies", "newest replies of each thread", 5, 0, 10)
POSTS: Final = Integer("limit", "posts per answer", 25, 1, 100)
AFTER_POST: Final = PostNumber("after", "only posts that follow this one; 404 when there are none")
BEFORE_POST: Final = PostNumber("before", "only posts older than this one")
FIELDS: Final = Names(
    "fields",
    "only these fields of each post; naming `rendered` is asking for it",
    PostShape.__struct_fields__,
)
RENDERED: Final = Flag("rendered", "adds `rendered` to each post")

BOARDS: Final = BoardNames("boards", "where to search; without it all boards that the operator has not hidden")
SEARCH_ORDER: Final = Choice[SearchOrder]("order", "`desc`: newest first; `asc`: oldest first", ("desc", "asc"))
RESULTS: Final = Choice[SearchResults](
    "results", "`posts`: each post; `thread`: each thread once, by its opening post", ("posts", "thread")
)
NEXT: Final = Cursor("cursor", "where to go on: `cursor` of the answer before")
RESULT_PAGE: Final = Integer("page", "a page by its number, instead of `cursor`", None, 1, MOST_PAGES)
HITS: Final = Integer("limit", "hits per answer", 25, 1, LARGEST_SEARCH_PAGE)
