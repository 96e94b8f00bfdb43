"""Template filters for French typography."""

from datetime import date, datetime

from django import template
from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tisserand.common import dates, text
from tisserand.common.typography import thousands, typo

register = template.Library()


@register.filter(name="typo")
def typo_filter(value: object) -> SafeString:
    """Escape *value*, then space it as French printing does."""
    if isinstance(value, SafeString):
        return value
    return mark_safe(conditional_escape(typo(str(value))))  # noqa: S308 - escaped just here


@register.filter
def fr(value: object) -> SafeString:
    """Like `typo`, for what people wrote: it is in French, whatever the language of the page."""
    written = typo_filter(value)
    if not written or get_language() == "fr":
        return written
    return format_html('<span lang="fr">{}</span>', written)


@register.filter(expects_localtime=True)
def long_day(value: date | None) -> str:
    """`1er mars 2026`"""
    return dates.long_day(value) if value else ""


@register.filter(expects_localtime=True)
def short_day(value: date | None) -> str:
    """`1er mars`"""
    return dates.short_day(value) if value else ""


@register.filter(expects_localtime=True)
def hour(value: datetime) -> str:
    """`16 h 03`"""
    return dates.hour(value)


@register.filter
def ago(value: datetime) -> str:
    """`il y a 12 jours`"""
    return typo(dates.ago(value))


@register.filter
def shorten(value: str, limit: int) -> str:
    """The beginning of a text, cut after a whole word."""
    return text.shorten(value, limit)


@register.filter(name="number")
def number_filter(value: int | str) -> str:
    """`1348` as `1 348`, with a narrow no-break space; a number already written (`12–15`) stays as it is."""
    return value if isinstance(value, str) else thousands(int(value))


@register.filter
def weight(size: int) -> str:
    """How heavy a file is, as people say it: « 172 ko », « 1,4 Mo »."""
    if size < 1_000_000:
        return _("%(n)d ko") % {"n": max(1, round(size / 1_000))}
    return _("%(n)s Mo") % {"n": formats.number_format(round(size / 1_000_000, 1), 1)}
