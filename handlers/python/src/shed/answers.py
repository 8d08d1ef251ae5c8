"""Answers that API Gateway converts to HTTP responses."""

from __future__ import annotations

import json
import os
from typing import Final, TypedDict


class Answer(TypedDict):
    """The answer of a function behind API Gateway's proxy integration."""

    statusCode: int
    headers: dict[str, str]
    body: str


_ORIGIN: Final = {"Access-Control-Allow-Origin": os.environ.get("ALLOW_ORIGIN", "*")}
_JSON: Final = _ORIGIN | {"Content-Type": "application/json"}


def json_answer(status: int, body: dict[str, int] | dict[str, str]) -> Answer:
    """Return an answer with a JSON body."""
    return {"statusCode": status, "headers": _JSON, "body": json.dumps(body, separators=(",", ":"))}


def message(status: int, text: str) -> Answer:
    """Return the answer of an error: `{"message":…}`."""
    return json_answer(status, {"message": text})


def no_content() -> Answer:
    """Return 204: an answer without a body and without Content-Type."""
    return {"statusCode": 204, "headers": _ORIGIN, "body": ""}
