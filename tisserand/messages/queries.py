"""Reading the queue."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tisserand.messages.enums import Delivery
from tisserand.messages.models import Message

SENDING_TAKES = timedelta(minutes=15)
TRYING_TAKES = timedelta(hours=4)  # all the tries, and more


def troubled(now: datetime) -> QuerySet[Message]:
    """Messages that did not leave, that nobody tries any more, or of which nobody knows whether they left."""
    lost = Q(state=Delivery.SENDING, tried_at__lt=now - SENDING_TAKES)
    forgotten = Q(state=Delivery.WAITING, created_at__lt=now - TRYING_TAKES)
    return Message.objects.filter(Q(state=Delivery.FAILED) | lost | forgotten)
