"""What an erasure does is told in the words of people, each thing once."""

import re

from tisserand.privacy.export import fate
from tisserand.privacy.registry import rules


def test_each_thing_is_told_once_with_its_article():
    told = fate()
    for words in (told.gone, told.nameless, [name for name, _why, _time in told.kept]):
        assert len(words) == len(set(words)) > 0
        assert [one for one in words if not re.match(r"(les?|la|l’) ?", one)] == []


def test_no_kind_is_forgotten():
    """Those that an erasure deletes, cuts or keeps by who they are of."""
    told = fate()
    names = {*told.gone, *told.nameless, *(name for name, _why, _time in told.kept)}
    for model in rules().values():
        if {rule.on_erase for rule in model.personal.values() if rule.finds} - {"blank"}:
            assert str(model.theirs) in names, model.model
