"""Settings that would let others read what passes."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from tisserand.config.health.findings import ERROR, OK, WARN, Finding

# Said once, in plain words, by `address`.
_OF_HTTPS = {f"security.W{number}" for number in ("004", "005", "008", "012", "016", "018", "021")}


def address() -> Finding:
    """Which address the instance answers, and whether what passes can be read on the way."""
    if settings.DEBUG:
        return Finding(
            ERROR,
            "address",
            _("TISSERAND_DEBUG est allumé : les erreurs montrent tout."),
            _("Retirez TISSERAND_DEBUG."),
        )
    url = settings.PUBLIC_URL
    if not url:
        text = _("Aucune adresse publique : l'instance ne répond qu'à cette machine.")
        return Finding(WARN, "address", text, _("Donnez TISSERAND_URL, par exemple https://actions.exemple.fr"))
    if urlsplit(url).scheme != "https":
        text = _("%(url)s : les mots de passe circulent en clair.") % {"url": url}
        return Finding(ERROR, "address", text, _("Placez un proxy HTTPS devant (docs/operations.md)."))
    return Finding(OK, "address", _("Adresse : %(url)s") % {"url": url})


def deployment() -> list[Finding]:
    """Django's own `check --deploy`."""
    said = checks.run_checks(include_deployment_checks=True)
    serious = [message for message in said if message.level >= checks.WARNING and message.id not in _OF_HTTPS]
    if not serious:
        return [Finding(OK, "settings", _("Les réglages sont sûrs (check --deploy)."))]
    remedy = _("« tisserand check --deploy » en dit plus.")
    return [
        Finding(ERROR if message.level >= checks.ERROR else WARN, "settings", f"{message.id} : {message.msg}", remedy)
        for message in serious
    ]
