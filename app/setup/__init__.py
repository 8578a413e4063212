"""`koiwai setup`: from nothing to settings that work. `finding` looks for archives, `writing` makes the files."""
