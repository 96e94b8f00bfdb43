"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import BatchState, State
from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.models import (
    Action,
    ActionTerm,
    Attachment,
    CallAnswer,
    Fact,
    ImportBatch,
    ImportRow,
    Presence,
    Remark,
    SheetCall,
    Term,
    TermAlias,
    Version,
)
from tisserand.actions.queries.attachments import SHOWN
from tisserand.common.files.orphans import delete_orphans
from tisserand.privacy.gestures import name_gestures
from tisserand.privacy.registry import Activity, Personal, declare, retain

IMPORT_DAYS = 90
PRESENCE_HOURS = 24
CATALOGUE = Activity(
    name=_("Catalogue des actions"),
    purpose=_("Faire connaître ce qui se fait dans le réseau, pour que d'autres s'en inspirent."),
    basis=_("Intérêt légitime : faire connaître les actions du réseau."),
    people=_("Personnes citées dans une fiche, personnes qui tiennent le catalogue."),
)
_LIFE = _("la durée du compte")
_SHEET = _("tant que la fiche existe")
_PRESENT = _("1 jour")
_NAMES = {
    **{key: BY_KEY[key].label for key in ("title", *TEXT_KEYS)},
    "title_key": _("Titre sans accents ni majuscules"),
    "extras": _("Texte gardé à part"),
    "source": _("Ce que le dernier import a donné"),
    "settled": _("Ce qui a été écarté d'un import"),
}
_TEAM = _("l'équipe du réseau")
_WRITERS = _("l'équipe du réseau, celle de la structure")
_PEERS = _("celles et ceux qui travaillent dans le réseau")
_ASKED = _("les questions au réseau et les réponses")
_CALL = _("tant que la question existe")

declare(
    Term,
    impersonal=["network", "facet", "label", "key", "slug", "position", "verified"],
    others="Une valeur de liste.",
)
declare(
    TermAlias,
    impersonal=["network", "facet", "text", "key", "term", "merged"],
    others="Une autre façon d'écrire une valeur de liste.",
)
declare(
    ActionTerm, impersonal=["action", "term", "position", "original"], others="Le lien d'une fiche et d'une valeur."
)
declare(
    Action,
    label=_("Textes des fiches"),
    activity=CATALOGUE,
    theirs=_("les fiches commencées ou proposées"),
    seen_by=_("tout le monde, une fois la fiche publiée"),
    personal={
        key: Personal(name, _("Présenter l'action ; le texte peut citer une personne"), "keep", _SHEET)
        for key, name in _NAMES.items()
    }
    | {
        "created_by": Personal(_("Compte de qui a commencé"), _("Savoir qui a commencé la fiche"), "detach", _LIFE),
        "submitted_by": Personal(
            _("Compte de qui a proposé"), _("Savoir qui a proposé la fiche, et lui répondre"), "detach", _LIFE
        ),
    },
    impersonal=(
        "network structure state terms source_identity source_key token revision revises based_on inspired_by "
        "created_at updated_at published_at confirmed_at submitted_at"
    ).split(),
    shown={
        "title": _("Titre"),
        "created_at": _("Commencée le"),
        "submitted_at": _("Proposée le"),
        "published_at": _("Publiée le"),
    },
    others="Ce que la structure publie de son action.",
    public=lambda: Action.objects.filter(state=State.PUBLISHED),
)
declare(
    Version,
    label=_("Versions d'avant des fiches"),
    activity=CATALOGUE,
    theirs=_("les changements faits dans des fiches"),
    seen_by=_WRITERS,
    personal={
        "values": Personal(_("Texte d'avant"), _("Comparer deux versions, revenir à l'une"), "keep", _SHEET),
        "changed_by": Personal(_("Compte de qui a changé"), _("Savoir qui a changé la fiche"), "detach", _LIFE),
    },
    impersonal=["action", "number", "since", "until"],
    shown={"action": _("Fiche"), "until": _("Changée le")},
    others="Rang et dates d'une version.",
)
declare(
    Remark,
    label=_("Remarques sur les fiches"),
    activity=CATALOGUE,
    theirs=_("les remarques écrites sur des fiches"),
    seen_by=_WRITERS,
    personal={
        "text": Personal(_("Remarque"), _("Dire ce qui manque à une fiche"), "keep", _SHEET),
        "created_by": Personal(_("Compte de qui demande"), _("Savoir qui demande"), "detach", _LIFE),
        "settled_by": Personal(_("Compte de qui a répondu"), _("Savoir qui a répondu"), "detach", _LIFE),
    },
    impersonal=["action", "field", "token", "created_at", "settled_at"],
    shown={"action": _("Fiche"), "created_at": _("Écrite le")},
    others="La rubrique et les dates d'une remarque.",
)
declare(
    SheetCall,
    label=_("Questions au réseau"),
    activity=CATALOGUE,
    theirs=_ASKED,
    seen_by=_PEERS,
    personal={
        "question": Personal(_("Question"), _("Demander au réseau qui mène une telle action"), "keep", _CALL),
        "text": Personal(_("Pour préciser"), _("Préciser la question"), "keep", _CALL),
        "created_by": Personal(_("Compte de qui demande"), _("Savoir qui demande, et lui répondre"), "detach", _LIFE),
    },
    impersonal="network structure until token created_at closed_at".split(),
    shown={"question": _("Question"), "text": _("Pour préciser"), "created_at": _("Posée le")},
    others="De qui et jusqu'à quand est une question.",
)
declare(
    CallAnswer,
    label=_("Réponses aux questions du réseau"),
    activity=CATALOGUE,
    theirs=_ASKED,
    seen_by=_PEERS,
    personal={
        "text": Personal(_("Quelques mots"), _("Dire en quoi la fiche répond"), "keep", _CALL),
        "created_by": Personal(_("Compte de qui a répondu"), _("Savoir qui a répondu"), "detach", _LIFE),
    },
    impersonal=["call", "action", "created_at"],
    shown={"call": _("Question"), "action": _("Fiche"), "text": _("Quelques mots"), "created_at": _("Donnée le")},
    others="La question, la fiche et la date.",
)
declare(
    Attachment,
    label=_("Photos et documents des fiches"),
    activity=CATALOGUE,
    theirs=_("les photos et les documents ajoutés"),
    seen_by=_("tout le monde, une fois la fiche publiée ; une photo, une fois l'accord noté"),
    personal={
        "file": Personal(_("Photo ou document"), _("Montrer l'action"), "keep", _SHEET),
        "thumbnail": Personal(_("Petite copie de la photo"), _("Montrer l'action sur un petit écran"), "keep", _SHEET),
        "title": Personal(_("Titre du document"), _("Dire ce qu'il est"), "keep", _SHEET),
        "alt": Personal(_("Ce que l'on voit sur la photo"), _("La dire à qui ne la voit pas"), "keep", _SHEET),
        "credit": Personal(_("Auteur de la photo"), _("Citer qui l'a faite"), "keep", _SHEET),
        "consent_by": Personal(
            _("Compte de qui a noté l'accord"), _("Savoir qui répond de l'accord des personnes"), "detach", _LIFE
        ),
        "created_by": Personal(
            _("Compte de qui a ajouté"),
            _("Savoir qui a ajouté le fichier"),
            "detach",
            _LIFE,
            gives=("file", "title", "alt", "credit"),
        ),
    },
    impersonal="action key extension size width height digest consent_at position created_at".split(),
    shown={"action": _("Fiche"), "created_at": _("Ajouté le")},
    others="Taille, rang et dates d'un fichier.",
    public=lambda: Attachment.objects.filter(SHOWN, action__state=State.PUBLISHED),
)
declare(
    Presence,
    label=_("Fiches ouvertes"),
    activity=CATALOGUE,
    theirs=_("la trace des fiches ouvertes"),
    seen_by=_WRITERS,
    personal={
        "user": Personal(_("Compte"), _("Prévenir que deux personnes écrivent la même fiche"), "delete", _PRESENT),
        "field": Personal(_("Rubrique"), _("Dire où l'autre personne écrit"), "delete", _PRESENT, coded=True),
        "seen_at": Personal(_("Heure"), _("Savoir si elle écrit encore"), "delete", _PRESENT),
    },
    impersonal=["action"],
    shown={"action": _("Fiche")},
    others="La fiche ouverte.",
)
declare(
    Fact,
    label=_("Nombres relus"),
    activity=CATALOGUE,
    theirs=_("les nombres relus"),
    seen_by=_TEAM,
    personal={
        "decided_by": Personal(
            _("Compte de qui a relu"), _("Savoir qui a retenu un nombre"), "detach", _("la durée du compte")
        )
    },
    impersonal=(
        "action field start end text kind low high approximate label period state corrected decided_at"
    ).split(),
    shown={"text": _("Nombre lu"), "decided_at": _("Relu le")},
    others="Un nombre lu dans un texte publié, et ce qu'il compte.",
)
declare(
    ImportBatch,
    label=_("Fichiers déposés"),
    activity=CATALOGUE,
    theirs=_("les fichiers déposés"),
    seen_by=_TEAM,
    personal={
        "created_by": Personal(
            _("Compte de qui a déposé"), _("Savoir qui a déposé un fichier"), "detach", _("la durée du compte")
        ),
        "file": Personal(
            _("Fichier"), _("Relire l'original en cas d'erreur ; il peut citer une personne"), "keep", _("90 jours")
        ),
        "filename": Personal(
            _("Nom du fichier"), _("Reconnaître le dépôt dans la liste"), "keep", _("tant que l'import est listé")
        ),
        "messages": Personal(
            _("Remarques sur le fichier"),
            _("Dire ce qui n'allait pas ; peut citer le fichier"),
            "keep",
            _("90 jours"),
        ),
    },
    impersonal=(
        "network created_at updated_at applied_at token format as_draft state claim total counts notes made"
    ).split(),
    shown={"created_at": _("Déposé le"), "filename": _("Nom du fichier"), "file": _("Fichier")},
    others="Dates et comptes.",
)
declare(
    ImportRow,
    label=_("Fichiers en attente de relecture"),
    activity=CATALOGUE,
    seen_by=_TEAM,
    personal={
        key: Personal(
            name, _("Relire avant d'enregistrer, ou annuler ; peut citer une personne"), "keep", _("90 jours")
        )
        for key, name in {
            "title": _("Titre"),
            "fields": _("Rubriques du fichier"),
            "extras": _("Texte gardé à part"),
            "changes": _("Changements proposés"),
            "choices": _("Choix faits à la relecture"),
            "before": _("Ce que l'import a remplacé"),
            "messages": _("Remarques sur la fiche"),
        }.items()
    },
    impersonal=(
        "batch number line identity outcome action near near_name near_department same_structure near_sheet same_sheet "
        "first_named numbers left_as undone"
    ).split(),
    others="Rang, résultat, structure qui ressemble.",
)


@retain(key="attachments-orphans", label=_("Fichiers que plus aucune fiche ne tient, 1 jour"))
def purge_attachments(now: datetime, dry_run: bool) -> int:
    """Delete the pictures and documents that no sheet holds: it was thrown away, or a process ended half-way."""
    field = Attachment.file.field
    known = set(Attachment.objects.values_list("file", flat=True))
    known |= set(Attachment.objects.values_list("thumbnail", flat=True))
    return delete_orphans(field.storage, str(field.upload_to), known, now, dry_run=dry_run)


@retain(key="presences", label=_("Qui avait une fiche ouverte, 1 jour"))
def purge_presences(now: datetime, dry_run: bool) -> int:
    """Forget who had the form of a sheet open yesterday."""
    old = Presence.objects.filter(seen_at__lt=now - timedelta(hours=PRESENCE_HOURS))
    return old.count() if dry_run else old.delete()[0]


name_gestures(
    "actions",
    alias_added=_("Autre façon d'écrire une valeur, ajoutée"),
    alias_removed=_("Autre façon d'écrire une valeur, retirée"),
    archived=_("Fiche archivée"),
    attached=_("Photo ou document ajouté"),
    attachment_described=_("Photo ou document décrit"),
    attachment_moved=_("Photos et documents rangés"),
    begun=_("Fiche commencée"),
    call_answer_withdrawn=_("Réponse à une question, retirée"),
    call_answered=_("Réponse à une question, donnée"),
    call_asked=_("Question posée au réseau"),
    call_closed=_("Question au réseau close"),
    call_corrected=_("Question au réseau corrigée"),
    call_reopened=_("Question au réseau rouverte"),
    call_withdrawn=_("Question au réseau retirée"),
    clashes_settled=_("Changements contraires tranchés"),
    confirmed=_("Action confirmée en cours"),
    created=_("Fiche créée"),
    detached=_("Photo ou document retiré"),
    discarded=_("Brouillon jeté"),
    draft=_("Fiche remise en brouillon"),
    drafts_published=_("Brouillons d'un fichier publiés"),
    facts_decided=_("Nombres relus"),
    import_applied=_("Import enregistré"),
    import_cancelled=_("Import abandonné"),
    import_deposited=_("Fichier déposé"),
    import_resumed=_("Import repris"),
    import_settled=_("Contradiction d'import tranchée"),
    import_undone=_("Import annulé"),
    published=_("Fiche publiée"),
    rebased=_("Fiche en cours rapprochée de celle publiée"),
    remark_changed=_("Remarque changée"),
    remark_reopened=_("Remarque rouverte"),
    remark_settled=_("Remarque réglée"),
    remark_withdrawn=_("Remarque retirée"),
    remarked=_("Remarque écrite"),
    restored=_("Version d'avant reprise"),
    rewriting=_("Fiche reprise pour être récrite"),
    rewritten=_("Fiche récrite"),
    said_over=_("Action dite terminée"),
    sent_back=_("Fiche renvoyée avec des remarques"),
    submitted=_("Fiche proposée"),
    taken_back=_("Fiche proposée, reprise"),
    taken_up=_("Fiche d'une autre structure reprise"),
    term_merged=_("Deux valeurs d'une liste réunies"),
    term_unmerged=_("Deux valeurs d'une liste séparées"),
    term_verified=_("Valeur d'une liste vérifiée"),
    updated=_("Fiche modifiée"),
    written=_("Fiche écrite"),
)


@retain(key="imports-orphans", label=_("Fichiers qu'un dépôt interrompu a laissés, 1 jour"))
def purge_orphans(now: datetime, dry_run: bool) -> int:
    """Delete the files that no import knows: the process ended between the file and its record."""
    field = ImportBatch.file.field
    known = set(ImportBatch.objects.exclude(file="").values_list("file", flat=True))
    return delete_orphans(field.storage, str(field.upload_to), known, now, dry_run=dry_run)


@retain(key="imports", label=_("Fichiers importés et leur relecture, 90 jours"))
def purge_imports(now: datetime, dry_run: bool) -> int:
    """Delete the files and staged rows of imports finished long ago; the line of the list stays."""
    old = ImportBatch.objects.filter(updated_at__lt=now - timedelta(days=IMPORT_DAYS))
    old = old.filter(Q(rows__isnull=False) | ~Q(file="") | ~Q(messages=[])).distinct()
    if dry_run:
        return old.count()
    purged = 0
    for batch in old:
        batch.rows.all().delete()
        batch.file.delete(save=False)
        # `updated_at` stays as it was: a purge is not an activity.
        over = batch.state in {BatchState.APPLIED, BatchState.REFUSED, BatchState.UNDONE}
        state = batch.state if over else BatchState.CANCELLED  # one that nobody finished in 90 days is given up
        ImportBatch.objects.filter(pk=batch.pk).update(file="", messages=[], state=state)
        purged += 1
    return purged
