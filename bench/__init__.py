"""Benchmarks: figures of FIGURES.md beside their references. `make bench`, or `python -m bench S1`.

Nothing here asserts on wall time; a figure is a ratio taken in one run beside its reference.
"""
