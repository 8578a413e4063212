"""`koiwai index`: makes the indexes that `app.engines.tantivy` searches, and keeps them as the archive is.

`generations.py` knows which index is written to and when it takes the other's place. `building.py` adds what is new, in
batches (`batches.py`), which another process makes where there are many (`feeding.py`). `rereading.py` looks at recent
threads again, `verifying.py` compares everything.
"""
