"""Code that the four functions share: answers, the log, and the wrapper of a handler."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import Any

logger = logging.getLogger()
logger.setLevel(logging.INFO)

MAX_TATTOO = 2**64 - 1


class BadRequestError(Exception):
    """An error of the caller, answered with 400."""


class NotFoundError(Exception):
    """Nothing was found, answered with 404."""


def serve(
    handle: Callable[[dict[str, Any]], tuple[int, dict[str, Any] | None]],
) -> Callable[..., dict[str, Any]]:
    """Make a Lambda handler that logs the whole event and every step, as the demo did."""

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        logger.info("event: %s", json.dumps(event))
        logger.info("path parameters: %s", event.get("pathParameters"))
        logger.info("query parameters: %s", event.get("queryStringParameters"))
        try:
            status, body = handle(event)
        except BadRequestError as error:
            status, body = 400, {"message": str(error)}
        except NotFoundError as error:
            status, body = 404, {"message": str(error)}
        except Exception:
            logger.exception("unexpected")
            status, body = 500, {"message": "Server error"}
        logger.info("status: %s", status)
        logger.info("body: %s", body)
        answer = {
            "statusCode": status,
            "headers": {"Access-Control-Allow-Origin": os.environ.get("ALLOW_ORIGIN", "*")},
            "body": "",
        }
        if body is not None:
            answer["headers"]["Content-Type"] = "application/json"
            answer["body"] = json.dumps(body)
        logger.info("answer: %s", json.dumps(answer))
        return answer

    return handler


def whole_number(text: str | None, name: str, maximum: int) -> int:
    """Parse a whole number from 0 to `maximum`. Raise BadRequestError for any other text."""
    logger.info("%s: %s", name, text)
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 20 or int(text) > maximum:
        raise BadRequestError(f"{name} must be a whole number from 0 to {maximum}")
    return int(text)
