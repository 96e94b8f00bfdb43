"""Objects for tests, made through the operations."""

import factory
from django.utils import timezone

from tisserand.actions.models import Action
from tisserand.actions.operations.sheets import create_action
from tisserand.network.models import Network, Structure, User
from tisserand.network.operations import ensure_structure
from tisserand.privacy.journal import SYSTEM


class NetworkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Network

    slug = factory.Sequence(lambda n: f"reseau-{n}")
    name = factory.Sequence(lambda n: f"Réseau {n}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"personne{n}@exemple.example")
    first_name = "Nadia"
    last_name = factory.Sequence(lambda n: f"Bertin{n}")


class StructureFactory(factory.Factory):
    class Meta:
        model = Structure

    name = factory.Sequence(lambda n: f"Centre social numéro {n}")
    department = "Ardennes"

    @classmethod
    def _create(cls, model_class, *args, network=None, **kwargs):
        return ensure_structure(actor=SYSTEM, network=network or NetworkFactory(), **kwargs)


class ActionFactory(factory.Factory):
    class Meta:
        model = Action

    title = factory.Sequence(lambda n: f"Atelier {n}")

    @classmethod
    def _create(cls, model_class, *args, network, structure=None, draft=False, published_at=None, **values):
        return create_action(
            actor=SYSTEM,
            network=network,
            structure=structure or StructureFactory(network=network),
            values=values,
            published_at=None if draft else published_at or timezone.now(),
        )
