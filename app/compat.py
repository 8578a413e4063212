"""What newer Pythons bring along, for the oldest one that Koiwai runs on.

`timeout(seconds)` is `asyncio.timeout`. Its end is caught as `asyncio.TimeoutError`: on Python 3.10 the built-in
`TimeoutError` is another class, which the operating system's errors belong to. On 3.10, too, the end of a time limit
hides a cancellation of the same moment: a loop that goes on after a time limit must be told to stop in another way.
"""

import sys

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

__all__ = ["timeout"]
