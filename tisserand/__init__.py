"""Tisserand: record once, weave every figure and document from it."""

__version__ = "0.1.0"
