"""Fields of models that the database keeps as Django's own."""

from typing import TYPE_CHECKING, Any

from django.db import models

from tisserand.common.text import one_line

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class LineField(_Text):
    """A name, a title, an address: whoever writes it, from a form, a file or a directory, it is kept on one line."""

    def to_python(self, value: Any) -> Any:
        """What a form that knows the field gives."""
        return _one_line(super().to_python(value))

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        """What is written, which the instance then holds too."""
        value = _one_line(super().pre_save(instance, add))
        setattr(instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """What an update writes, or a search compares."""
        return _one_line(super().get_prep_value(value))

    def deconstruct(self) -> Any:
        """To migrations it is a text: what is kept does not depend on how it came."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def _one_line(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value
