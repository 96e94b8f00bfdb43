"""Every field of every model has its rule: what a person may be read in is never stored without a word about it."""

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tisserand.network.models import Network, User
from tisserand.privacy.registry import ModelRules, Personal, declare, rules

# By their kind, these tell nothing of a person: numbers, ticks, the moment of a write.
MUTE = (models.BooleanField, models.IntegerField, models.DecimalField, models.DateTimeField)
# Whatever their kind, these do.
TELLING = {"email", "phone", "first_name", "last_name", "birth_year"}
NO_RULE = ModelRules(Network, {}, frozenset(), "")


def names_a_person(field) -> bool:
    return field.related_model is User or isinstance(field, models.FileField) or field.name in TELLING


def may_hold_anything(field) -> bool:
    """Text, JSON, dates, and whatever kind comes next; not choices, nor links to things that have rules of their own."""
    return not (field.is_relation or field.choices or isinstance(field, MUTE))


def gaps(model: type[models.Model], declared: ModelRules) -> set[str]:
    """The fields of *model* without the rule that they need."""
    fields = [field for field in model._meta.get_fields() if not field.auto_created]
    unsaid = {field.name for field in fields if may_hold_anything(field)} - declared.impersonal
    return (unsaid | {field.name for field in fields if names_a_person(field)}) - set(declared.personal)


def test_every_field_of_every_model_has_its_rule():
    """Ours, and those of the libraries whose tables we fill."""
    every = apps.get_models()
    assert set(rules()) == {model._meta.label for model in every}
    assert {f"{m._meta.label}.{name}" for m in every for name in gaps(m, rules()[m._meta.label])} == set()


@isolate_apps("tisserand.privacy")
def test_a_field_that_nobody_declared_is_found():
    """Negative control of the test above."""

    class Diary(models.Model):
        author = models.ForeignKey(User, on_delete=models.CASCADE)
        readers = models.ManyToManyField(User, related_name="+")
        network = models.ForeignKey(Network, on_delete=models.CASCADE)
        text = models.TextField()
        address = models.EmailField()
        scan = models.FileField()
        answers = models.JSONField()
        born = models.DateField()
        birth_year = models.IntegerField()
        machine = models.GenericIPAddressField()
        pages = models.IntegerField()
        written_at = models.DateTimeField()
        mood = models.CharField(max_length=4, choices=[("good", "Bonne")])

        class Meta:
            app_label = "privacy"

        def __str__(self):
            return self.text

    unsaid = {"author", "readers", "text", "address", "scan", "answers", "born", "birth_year", "machine"}
    assert gaps(Diary, NO_RULE) == unsaid
    # Who wrote it, a file and a year of birth do not become impersonal by being called so.
    waved_away = ModelRules(Diary, {}, frozenset(unsaid), "")
    assert gaps(Diary, waved_away) == {"author", "readers", "scan", "birth_year"}
    told = dict.fromkeys(unsaid, Personal("Journal intime", "Se souvenir", "delete", "un an"))
    assert gaps(Diary, ModelRules(Diary, told, frozenset(), "")) == set()


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"impersonal": ["nickname"]}, "no field nickname"),
        ({"personal": {"name": Personal("", "", "keep", "")}, "impersonal": ["name"]}, "personal, or is not"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(declared, message):
    before = dict(rules())
    with pytest.raises(ValueError, match=message):
        declare(Network, others="", **declared)
    assert rules() == before
