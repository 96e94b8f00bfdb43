"""Prints plain data: PDF that can be read aloud, ODT and DOCX that can be edited.

An app registers what it can print (`registry.register`); this engine knows layouts, not subjects.
"""
