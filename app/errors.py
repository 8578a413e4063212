"""The errors a reader can meet: one class per HTTP status, and one for a wrong setting.

The web and the API each have one handler that turns a `KoiwaiError` into a page or a JSON error. What such
an error says is shown to everybody, so its sentence never holds SQL, a path or a secret; the cause belongs in
the log, by way of `raise ... from`.
"""

from typing import ClassVar


class KoiwaiError(Exception):
    """Something a visitor is told about.

    `status` is the HTTP status of the answer. `message` is one sentence, safe to publish; without an argument
    it is the general sentence of the class.
    """

    status: ClassVar[int] = 500
    message: str = "Something went wrong on this server."

    def __init__(self, message: str | None = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(self.message)


class BadRequest(KoiwaiError):
    """The request itself makes no sense: a parameter is malformed or out of range (400)."""

    status = 400
    message = "This request is not understood."


class NotFound(KoiwaiError):
    """The board, thread, post, image or page asked for is not in the archive (404)."""

    status = 404
    message = "There is nothing here."


class Internal(KoiwaiError):
    """A fault of ours, or of the data, that the visitor can do nothing about (500)."""

    status = 500


class Unavailable(KoiwaiError):
    """The archive cannot be read at the moment: database down, busy, or too slow (503).

    `retry_after` is the number of whole seconds after which another attempt makes sense, or None when nobody
    knows.
    """

    status = 503
    message = "The archive cannot be read at the moment. Please try again later."

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SettingsError(Exception):
    """The configuration is wrong; told to the operator at start, never to a visitor.

    `problems` holds one complete line for each fault, in the order of the file: it names the file and, where
    there is one, the section and the key, and never shows a password. `str()` joins the lines.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
