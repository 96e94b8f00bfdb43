"""Every field of every model has its rule, by name: nothing is stored without a word about it."""

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tisserand.network.models import Network, User
from tisserand.privacy.privacy import JOURNAL
from tisserand.privacy.registry import ModelRules, Personal, by_account, declare, links_to_account, rules

# Whatever their kind, these speak of a person.
TELLING = {"email", "phone", "first_name", "last_name", "birth_year"}
NO_RULE = ModelRules(Network, {}, frozenset(), "")
ABOUT = {"label": "Journal", "activity": JOURNAL, "seen_by": "vous"}


def stored(model: type[models.Model]) -> list:
    """Its fields and links; not the number that every row has, nor what points to it."""
    return [field for field in model._meta.get_fields() if not field.auto_created]


def names_a_person(field) -> bool:
    return field.related_model is User or isinstance(field, models.FileField) or field.name in TELLING


def gaps(model: type[models.Model], declared: ModelRules) -> set[str]:
    """The fields of *model* without the rule that they need."""
    fields = stored(model)
    unsaid = {field.name for field in fields} - declared.impersonal
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
        birth_year = models.IntegerField()
        pages = models.IntegerField()
        kept = models.BooleanField()
        written_at = models.DateTimeField()
        mood = models.CharField(max_length=4, choices=[("good", "Bonne")])

        class Meta:
            app_label = "privacy"

        def __str__(self):
            return self.text

    every = {
        "author", "readers", "network", "text", "address", "scan", "answers", "birth_year", "pages", "kept",
        "written_at", "mood",
    }  # fmt: skip
    assert gaps(Diary, NO_RULE) == every
    # Who wrote it, a file and a year of birth do not become impersonal by being called so.
    assert gaps(Diary, ModelRules(Diary, {}, frozenset(every), "")) == {"author", "readers", "scan", "birth_year"}
    told = dict.fromkeys(every, Personal("Journal intime", "Se souvenir", "delete", "un an"))
    assert gaps(Diary, ModelRules(Diary, told, frozenset(), "")) == set()


def unsound(declared: ModelRules) -> list[str]:
    """What an erasure could not do."""
    found = []
    for name, one in declared.personal.items():
        field = declared.model._meta.get_field(name)
        if links_to_account(declared.model, name) and (field.many_to_many or one.on_erase in {"keep", "blank"}):
            found.append(f"{name}: an account cannot be erased while this holds it")
        if one.on_erase == "detach" and not (field.is_relation and field.null):
            found.append(f"{name}: a link that must lead somewhere is not cut")
        if isinstance(field, models.FileField) and one.on_erase != "keep":
            found.append(f"{name}: nobody deletes the file")
        if one.on_erase == "blank" and one.finds is None:
            found.append(f"{name}: of which rows?")
    goes = any(one.finds and one.on_erase == "delete" for one in declared.personal.values())
    if not goes and any(one.on_erase == "delete" for one in declared.personal.values()):
        found.append("nothing says whose row it is")
    return found


def test_every_rule_can_be_kept():
    assert {label: unsound(one) for label, one in rules().items() if unsound(one)} == {}


@isolate_apps("tisserand.privacy")
def test_a_rule_that_cannot_be_kept_is_found():
    """Negative control of the test above."""

    class Note(models.Model):
        author = models.ForeignKey(User, on_delete=models.CASCADE)
        reader = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
        text = models.TextField()
        mark = models.TextField()
        scan = models.FileField()

        class Meta:
            app_label = "privacy"

        def __str__(self):
            return self.text

    def rule(on_erase, finds=None):
        return Personal("", "", on_erase, "", finds)

    personal = {
        "author": rule("keep", by_account), "reader": rule("detach", by_account),
        "text": rule("delete"), "mark": rule("blank"), "scan": rule("delete"),
    }  # fmt: skip
    assert len(unsound(ModelRules(Note, personal, frozenset(), ""))) == 5


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"impersonal": ["nickname"]}, "no field nickname"),
        ({"personal": {"name": Personal("", "", "keep", "")}, "impersonal": ["name"], **ABOUT}, "personal, or is not"),
        ({"personal": {"name": Personal("", "", "keep", "")}}, "say its label"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(declared, message):
    before = dict(rules())
    with pytest.raises(ValueError, match=message):
        declare(Network, others="", **declared)
    assert rules() == before


def test_what_anyone_reads_has_an_address():
    """An export leads there whoever is named in it."""
    public = [one.model for one in rules().values() if one.public]
    assert len(public) >= 3
    assert [model.__name__ for model in public if not hasattr(model, "get_absolute_url")] == []


def test_a_link_to_an_account_needs_no_finder():
    assert rules()["network.Role"].personal["user"].finds is by_account
    assert rules()["network.User"].personal["first_name"].finds is None
