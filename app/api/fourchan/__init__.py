"""4chan's read-only JSON interface, for the programs that were written for it (FoolFuuka notes, section 8)."""
