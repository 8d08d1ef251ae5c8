"""`GET /dog`: counts the sheep by a scan, with a client made for this call."""

from __future__ import annotations

import os
from typing import Any

import boto3
from published import logger, serve


@serve
def handler(_event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer the number of sheep."""
    table = boto3.resource("dynamodb").Table(os.environ["BACKEND_TABLE_NAME"])
    segments = 1 + table.item_count // 100_000
    logger.info("segments: %s", segments)
    count = 0
    for segment in range(segments):
        request: dict[str, Any] = {"Select": "COUNT", "Segment": segment, "TotalSegments": segments}
        while True:
            page = table.scan(**request)
            count += page["Count"]
            logger.info("count so far: %s", count)
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return 200, {"count": count}
