"""Screens of the catalogue: public ones, and those of the team."""
