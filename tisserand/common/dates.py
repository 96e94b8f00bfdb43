"""Days, hours and months as people write them."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tisserand.common.typography import typo


def long_day(day: date) -> str:
    """A day with its year: `2 mars 2026`."""
    return _in_words(day, "j F Y")


def short_day(day: date) -> str:
    """A day of about now: `2 mars`."""
    return _in_words(day, "j F")


def _in_words(day: date, form: str) -> str:
    """The first of a month is « 1er », in French only; there the number holds to its month."""
    told = date_format(day, form)
    return typo(f"1er{told[1:]}" if day.day == 1 and get_language() == "fr" else told)


def hour(moment: datetime) -> str:
    """The time of day of a local *moment*: `16 h 03`."""
    return typo(_("%(hour)s h %(minute)s") % {"hour": moment.hour, "minute": f"{moment:%M}"})


def short_month(day: date) -> str:
    """The month of *day* where there is little room: `janv.`."""
    return _("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.").split()[day.month - 1]


def ago(moment: datetime) -> str:
    """How long since *moment*, as one says it: `hier`, `il y a 12 jours`, `il y a 3 mois`."""
    days = (timezone.localdate() - timezone.localdate(moment)).days
    if days < 2:
        return _("hier") if days == 1 else _("aujourd'hui")
    if days < 60:
        return ngettext("il y a %(n)d jour", "il y a %(n)d jours", days) % {"n": days}
    if days < 2 * 365:
        return ngettext("il y a %(n)d mois", "il y a %(n)d mois", days // 30) % {"n": days // 30}
    return ngettext("il y a %(n)d an", "il y a %(n)d ans", days // 365) % {"n": days // 365}
