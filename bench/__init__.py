"""Measures behind `docs/performance.md`: each a ratio taken in one run, on one machine.

make bench                 everything small enough for a coffee (100,000 sheets)
make bench BENCH="search"  one subject: search, million, imports, pdf, page
"""
