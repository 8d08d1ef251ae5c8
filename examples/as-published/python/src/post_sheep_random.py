"""`POST /sheeps/{tattoo}`: adds a sheep of a random weight, with a client made for this call."""

from __future__ import annotations

import os
import random
from typing import Any

import boto3
from botocore.exceptions import ClientError
from published import MAX_TATTOO, BadRequestError, logger, serve, whole_number


@serve
def handler(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer with the new sheep."""
    tattoo = whole_number((event.get("pathParameters") or {}).get("tattoo"), "tattoo", MAX_TATTOO)
    weight = random.randint(80_000_000_000, 160_000_000_000)
    logger.info("weight: %s", weight)
    table = boto3.resource("dynamodb").Table(os.environ["BACKEND_TABLE_NAME"])
    logger.info("table: %s", table.name)
    try:
        table.put_item(
            Item={"tattoo": tattoo, "weight": weight}, ConditionExpression="attribute_not_exists(tattoo)"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise BadRequestError(f"Sheep already in the shed: {tattoo}") from error
    return 201, {"tattoo": tattoo, "weight": weight}
