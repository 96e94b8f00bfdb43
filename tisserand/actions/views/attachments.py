"""Pictures and documents of a sheet: the page where they are added and described, and the files themselves."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.forms import DescribeForm, UploadForm
from tisserand.actions.models import Action, Attachment
from tisserand.actions.operations.attachments import MOST, attach, describe, detach, look_into, put_at
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.operations.writing import may_write
from tisserand.actions.queries import sheets_written_bare
from tisserand.actions.queries.attachments import attachments_of, attachments_seen_by
from tisserand.actions.views.asked import sheet_asked
from tisserand.common.files.refusal import Unwelcome
from tisserand.common.text import number_in, slug
from tisserand.common.typography import thousands
from tisserand.network.guards import seated

# Whatever is in it, nothing runs, as a page or inside one. No word of styles: browsers lay out a picture with theirs.
POLICY = "sandbox; script-src 'none'; object-src 'none'; frame-src 'none'; connect-src 'none'; form-action 'none'"
KEPT_SECONDS = 600  # by browsers: a picture that was removed is gone from everywhere soon after


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def attachments_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What hangs on a sheet, and a form to add more. What is refused is told file by file; the others are kept."""
    action = _sheet(request, pk)
    refused: list[tuple[str, str]] = []
    if request.method == "POST":
        if not may_write(request.user, action):
            raise PermissionDenied(_("Cette fiche ne s'écrit pas maintenant."))
        files = request.FILES.getlist("deposit")
        refused = [(file.name, why) for file in files if (why := _added(request, action, file))]
        kept = len(files) - len(refused)
        if kept:
            told = ngettext("%(n)s fichier est gardé.", "%(n)s fichiers sont gardés.", kept)
            messages.success(request, told % {"n": thousands(kept)})
        if files and not refused:
            return redirect("attachments", action.pk)
        refused = refused or [("", _("Choisissez au moins un fichier."))]
    return _page(request, action, refused=refused)


def _added(request: HttpRequest, action: Action, file: UploadedFile) -> str:
    """Why a file is not kept; nothing when it is."""
    try:
        attach(actor=request.user, action=action, deposit=look_into(file, name=file.name))
    except Unwelcome as error:
        return str(error)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@seated
@require_POST
def attachment_change(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Describe a file, put it elsewhere in the order, or remove it."""
    action = _sheet(request, pk)
    attachment = get_object_or_404(action.attachments, pk=number)
    asked = request.POST.get("do", "")
    if asked == "remove":
        detach(actor=request.user, attachment=attachment)
        messages.success(request, _("Le fichier est retiré."))
    elif (position := number_in(asked.removeprefix("at-"))) is not None:
        put_at(actor=request.user, attachment=attachment, position=position)
    else:
        form = DescribeForm(request.POST, attachment=attachment)
        if not _described(request, attachment, form):
            return _page(request, action, wrong=form)
        messages.success(request, _("C'est enregistré."))
    return redirect("attachments", action.pk)


def _described(request: HttpRequest, attachment: Attachment, form: DescribeForm) -> bool:
    """Whether what was written is kept; otherwise the form says why, with what was typed."""
    if not form.is_valid():
        return False
    try:
        describe(actor=request.user, attachment=attachment, **form.words())
    except ValidationError as error:
        form.tell(error)
    except EditedMeanwhile as moved:
        form.overtaken(moved.theirs)
    return not form.errors


def _sheet(request: HttpRequest, pk: int) -> Action:
    rows = sheets_written_bare(request.user, request.seat.places).select_related("revises")
    return sheet_asked(request, rows, pk)


def _page(
    request: HttpRequest,
    action: Action,
    refused: list[tuple[str, str]] | None = None,
    wrong: DescribeForm | None = None,
) -> HttpResponse:
    rows = attachments_of(action)
    context = {
        "nav": "equipe",
        "action": action,
        "writable": may_write(request.user, action),
        "forms": [wrong if wrong and wrong.attachment == row else DescribeForm(attachment=row) for row in rows],
        "upload": UploadForm(),
        "refused": refused,
        "wrong": wrong,
        "left": MOST - len(rows),
        "most": MOST,
    }
    return render(request, "actions/attachments.html", context, status=422 if refused or wrong else 200)


@require_safe
def attachment_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """A picture, or a document to download, for who may see it."""
    return _sent(request, key, small=False)


@require_safe
def attachment_thumbnail(request: HttpRequest, key: str) -> HttpResponseBase:
    """The small copy of a picture."""
    return _sent(request, key, small=True)


def _sent(request: HttpRequest, key: str, *, small: bool) -> HttpResponseBase:
    rows = list(attachments_seen_by(request.user).filter(key=key))
    if not rows or (small and not rows[0].thumbnail):
        raise Http404
    tag = f'"{key}{"s" * small}"'
    known = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if known else _file(rows[0], small=small)
    if any(row.action.is_public and row.is_shown for row in rows):
        response["Cache-Control"] = f"max-age={KEPT_SECONDS}"
    response["ETag"] = tag
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _file(one: Attachment, *, small: bool) -> FileResponse:
    stored = one.thumbnail if small else one.file
    try:
        content = stored.open("rb")
    except OSError as error:
        raise Http404 from error
    kind = one.kind
    name = f"{slug(one.title or one.alt or one.action.title)}.{'webp' if small else kind.extension}"
    content_type = "image/webp" if small else kind.content_type
    # Only what we drew ourselves is shown in the browser.
    return FileResponse(content, as_attachment=not kind.is_picture, filename=name, content_type=content_type)
