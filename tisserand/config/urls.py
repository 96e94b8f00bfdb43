"""All addresses; each app owns its own."""

from django.urls import include, path

from tisserand.api.router import api
from tisserand.api.views import api_page
from tisserand.config.views import health

urlpatterns = [
    path("", include("tisserand.portal.urls")),
    path("", include("tisserand.actions.urls")),
    path("", include("tisserand.messages.urls")),
    path("", include("tisserand.network.accounts.urls")),
    path("", include("tisserand.network.urls")),
    path("sante/", health, name="health"),
    path("api/", api_page, name="api-page"),
    path("api/", api.urls),
]
handler400 = "tisserand.portal.views.errors.bad_request"
handler404 = "tisserand.portal.views.errors.not_found"
handler403 = "tisserand.portal.views.errors.forbidden"
handler429 = "tisserand.portal.views.errors.too_many"  # read by django-allauth
handler500 = "tisserand.portal.views.errors.failed"
