"""FoolFuuka's JSON interface, for the programs that were written for it (FoolFuuka notes, section 2)."""
