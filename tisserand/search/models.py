"""The index beside the records: who may be counted, under which facets. The words live in the backend's table."""

from django.db import models

SPACE_BITS = 4  # a document's id is `object_id << 4 | space`: ordered as the objects, unique across spaces
SPACE_MASK = (1 << SPACE_BITS) - 1


class SearchSpace(models.Model):
    """One kind of searchable thing. `version` grows with each change: processes compare it to theirs."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    key = models.CharField(max_length=40, unique=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__lt=1 << SPACE_BITS), name="space_fits_its_bits")
        ]

    def __str__(self) -> str:
        return self.key


class SearchDoc(models.Model):
    """One document. `facets` is `facet=value` pairs joined by a space; one that is not visible is never found."""

    id = models.BigIntegerField(primary_key=True)
    space = models.ForeignKey(SearchSpace, on_delete=models.CASCADE)
    version = models.BigIntegerField()
    visible = models.BooleanField()
    facets = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["space", "version"])]

    def __str__(self) -> str:
        return str(self.pk)


class SearchWord(models.Model):
    """A word met in a visible document, for "did you mean"."""

    space = models.ForeignKey(SearchSpace, on_delete=models.CASCADE)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "word"], name="word_once_in_space")]

    def __str__(self) -> str:
        return self.word
