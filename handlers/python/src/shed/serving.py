"""The wrapper of every handler."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TypedDict

from shed.answers import Answer, message


class Request(TypedDict, total=False):
    """The part of API Gateway's proxy event that the functions read."""

    pathParameters: dict[str, str] | None
    queryStringParameters: dict[str, str] | None


def serve(handle: Callable[[Request], Answer]) -> Callable[[Request, object], Answer]:
    """Make a Lambda handler. An unexpected error is logged, and the client gets 500."""

    @functools.wraps(handle)
    def handler(event: Request, _context: object) -> Answer:
        try:
            return handle(event)
        except Exception:
            logging.getLogger().exception("Server error")
            return message(500, "Server error")

    return handler


def path_parameter(request: Request, name: str) -> str | None:
    """Return the path parameter `name`."""
    return (request.get("pathParameters") or {}).get(name)


def query_parameter(request: Request, name: str) -> str | None:
    """Return the (last) value of the query parameter `name`."""
    return (request.get("queryStringParameters") or {}).get(name)
