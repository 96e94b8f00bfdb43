"""The page by which one refuses a kind of message."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tisserand.messages.kinds import kind_of
from tisserand.messages.links import read_refusal
from tisserand.messages.operations import refuse, want_again


@csrf_exempt  # mail programs post it by themselves (RFC 8058); the signed address is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def refusal_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before refusing: some mail programs open every link."""
    read = read_refusal(token)
    kind = kind_of(read[1]) if read else None
    if read is None or kind is None or not kind.optional:
        raise Http404
    done = ""
    if request.method == "POST":
        again = request.POST.get("again") == "1"
        (want_again if again else refuse)(email=read[0], kind=kind.key)
        done = "again" if again else "refused"
    return render(request, "messages/refusal.html", {"kind": kind, "email": read[0], "done": done})
