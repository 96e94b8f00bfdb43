"""Sheets of actions and their life, the vocabulary of a network, facts found in texts, and imports."""

from tisserand.actions.models.attachments import Attachment
from tisserand.actions.models.imports import ImportBatch, ImportRow
from tisserand.actions.models.life import Presence, Remark, Version
from tisserand.actions.models.sheets import Action, ActionTerm, Fact
from tisserand.actions.models.vocabulary import Term, TermAlias

__all__ = [
    "Action",
    "ActionTerm",
    "Attachment",
    "Fact",
    "ImportBatch",
    "ImportRow",
    "Presence",
    "Remark",
    "Term",
    "TermAlias",
    "Version",
]
