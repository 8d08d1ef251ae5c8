"""`GET /dog`: counts the sheep by a scan, with almost no work around it."""

from __future__ import annotations

from shed.answers import Answer, json_answer
from shed.serving import Request, serve
from shed.table import count_sheep


@serve
def handler(_request: Request) -> Answer:
    """Answer the number of sheep."""
    return json_answer(200, {"count": count_sheep()})
