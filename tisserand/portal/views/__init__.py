"""Screens that span several apps."""
