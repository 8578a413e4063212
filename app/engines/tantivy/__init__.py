"""The engine that searches an index of its own, made by `koiwai index` in the folder `[app] state`.

One index a board. `analysis.py` says what its words are, `schema.py` and `documents.py` what it holds of a post,
`conditions.py` what of a search it can tell (all of it), `windows.py` in which order its posts are looked at, `walk.py`
finds them, `shelf.py` knows which index is the current one.
"""
