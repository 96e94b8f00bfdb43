"""Questions to the network: answered by a sheet that was there, by a new one, and one that waits."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tisserand.actions.models import Action, CallAnswer, SheetCall
from tisserand.actions.operations.calls import answer_call, ask_network, begin_answer
from tisserand.actions.operations.life import publish, submit
from tisserand.demo.life import write
from tisserand.network.models import Network, Structure, User


def load_calls(network: Network, structures: dict[str, Structure], data: list[dict[str, Any]], mission: User) -> None:
    """Let the people of the demo ask, and answer."""
    for one in data:
        days = one.get("until_in_days")
        call = ask_network(
            actor=User.objects.get(email=one["by"]),
            network=network,
            structure=structures[one["structure"]],
            question=one["question"],
            text=one["text"],
            until=timezone.localdate() + timedelta(days=days) if days else None,
            token=one["question"],
        )
        SheetCall.objects.filter(pk=call.pk).update(created_at=_days_ago(one["asked_days_ago"]))
        if "answer" in one:
            _answer(call, structures, one["answer"], mission)


def _answer(call: SheetCall, structures: dict[str, Structure], one: dict[str, Any], mission: User) -> None:
    actor = User.objects.get(email=one["by"])
    if "sheet" in one:
        known = Action.objects.get(network=call.network, title=one["sheet"])
        answer = answer_call(actor=actor, call=call, action=known, text=one["text"])
        CallAnswer.objects.filter(pk=answer.pk).update(created_at=_days_ago(one["given_days_ago"]))
        return
    sheet = begin_answer(
        actor=actor, call=call, structure=structures[one["structure"]], title=one["title"], token=one["title"]
    )
    write(actor, sheet, one["values"])
    at = _days_ago(one["published_days_ago"])
    publish(actor=mission, action=submit(actor=actor, action=sheet), at=at)
    CallAnswer.objects.filter(action=sheet).update(created_at=at)


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
