"""`koiwai index`: makes the indexes that `app.engines.tantivy` searches, and keeps them as the archive is.

`generations.py` knows which index is written to and when it takes the other's place, `building.py` adds what is new,
`rereading.py` looks at recent threads again, `verifying.py` compares everything.
"""
