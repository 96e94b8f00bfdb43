"""Template filters for French typography."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from tisserand.common.typography import thousands, typo

register = template.Library()


@register.filter(name="typo")
def typo_filter(value: object) -> SafeString:
    """Escape *value*, then space it as French printing does."""
    if isinstance(value, SafeString):
        return value
    return mark_safe(conditional_escape(typo(str(value))))  # noqa: S308 - escaped just here


@register.filter(name="number")
def number_filter(value: int | str) -> str:
    """`1348` as `1 348`, with a narrow no-break space; a number already written (`12–15`) stays as it is."""
    return value if isinstance(value, str) else thousands(int(value))
