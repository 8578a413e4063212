"""The engine that needs nothing but the archive's own database.

It walks each board from the newest post on and stops when the page is full or its time is up, so an answer comes in
time whatever the size of the archive; what it did not reach is said, and the next page goes on from there.
"""
