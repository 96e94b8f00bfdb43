"""Compression of answers, where it makes them smaller."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_PACKED = ("image/jpeg", "image/webp", "application/pdf", "application/vnd.o")


class TextGZipMiddleware(GZipMiddleware):
    """Compress pages and data; leave alone pictures and documents, which are packed already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Look at what it is first."""
        if response.headers.get("Content-Type", "").startswith(_PACKED):
            return response
        return super().process_response(request, response)
