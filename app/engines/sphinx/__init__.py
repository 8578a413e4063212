"""The engine that asks a Sphinx server, FoolFuuka's or one of our own, for the posts that have the words.

The index only names candidates: what it lets through is read from the archive and compared by `app.search`, so that
results mean the same as with the archive's own tables. What an index cannot tell, its words being cut in another way,
is left to that comparison; a search of which it can tell nothing is left to `app.engines.sql`.
"""
