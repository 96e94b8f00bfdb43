"""Sheets and their life, calls for sheets, the vocabulary of a network, facts found in texts, and imports."""

from tisserand.actions.models.attachments import Attachment
from tisserand.actions.models.calls import CallAnswer, SheetCall
from tisserand.actions.models.imports import ImportBatch, ImportRow
from tisserand.actions.models.life import Presence, Remark, Version
from tisserand.actions.models.sheets import Action, ActionTerm, Fact
from tisserand.actions.models.vocabulary import Term, TermAlias

__all__ = [
    "Action",
    "ActionTerm",
    "Attachment",
    "CallAnswer",
    "Fact",
    "ImportBatch",
    "ImportRow",
    "Presence",
    "Remark",
    "SheetCall",
    "Term",
    "TermAlias",
    "Version",
]
