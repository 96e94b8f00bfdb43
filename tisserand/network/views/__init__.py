"""Screens of people and of the ties between structures and networks."""
