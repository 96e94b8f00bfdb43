"""One API for the whole instance; its description is at `/api/openapi.json`, its page at `/api/`."""

from ninja import NinjaAPI

from tisserand import __version__
from tisserand.actions.api import router as actions
from tisserand.network.api import router as structures

api = NinjaAPI(
    title="Tisserand",
    version=__version__,
    description="Le catalogue public des actions. Sans compte, en lecture seule.",
    docs_url=None,  # the stock page runs inline scripts, which our content policy refuses; ours is server-made
    urls_namespace="api",
)
api.add_router("/actions", actions)
api.add_router("/structures", structures)
