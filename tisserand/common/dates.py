"""Hours and months as French prints them; days are left to Django."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from tisserand.common.typography import typo


def hour(moment: datetime) -> str:
    """The time of day of a local *moment*: `16 h 03`."""
    return typo(_("%(hour)s h %(minute)s") % {"hour": moment.hour, "minute": f"{moment:%M}"})


def short_month(day: date) -> str:
    """The month of *day* where there is little room: `janv.`."""
    return _("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.").split()[day.month - 1]
