"""Reading the queue."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tisserand.messages.enums import Delivery
from tisserand.messages.models import Message

SENDING_TAKES = timedelta(minutes=15)


def troubled(now: datetime) -> QuerySet[Message]:
    """Messages that did not leave, or of which nobody knows whether they did."""
    lost = Q(state=Delivery.SENDING, tried_at__lt=now - SENDING_TAKES)
    return Message.objects.filter(Q(state=Delivery.FAILED) | lost)
