"""Measurements, for developers: nothing of the program needs them."""
