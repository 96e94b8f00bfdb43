"""French for everyone, another language for those who chose it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class ChosenLanguageMiddleware:
    """Follow the language cookie only.

    Django's own middleware follows the browser, but a shared computer is often set to another
    language than the one its users read; the button of the footer is the only choice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the chosen language for this request."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
            # Templates are rendered when the response is made, not when it is sent.
            response.headers.setdefault("Content-Language", language)
            return response
