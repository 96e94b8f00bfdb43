"""What the log of an instance says, and how much of it."""

import logging
from http import HTTPStatus


class RefusalsInOneLine(logging.Filter):
    """A request that was refused (4xx) is told in its line; only a failure of ours brings where it happened."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through, without the traceback of a refusal."""
        if getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True
