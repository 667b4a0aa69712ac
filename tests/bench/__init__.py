"""Measurements side by side, each in one run with its baseline. `make bench` prints one JSON line a figure."""
