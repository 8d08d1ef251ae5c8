"""`DELETE /wolf`: eats the heaviest sheep of prime weight; divides by all primes up to 400,000."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import boto3
from published import NotFoundError, logger, serve

_SIEVE_MAX = 400_000


@serve
def handler(_event: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
    """Answer whether a sheep was eaten. The sieve and the scan run on separate threads."""
    with ThreadPoolExecutor() as threads:
        sieve = threads.submit(primes_up_to, _SIEVE_MAX)
        scanned = threads.submit(all_sheep)
        primes = sieve.result()
        logger.info("primes: %s", len(primes))
        sheep = scanned.result()
    logger.info("sheep: %s", len(sheep))
    # The weights stay decimals, as the SDK returns them. Dividing them takes three times as long as dividing integers.
    edible = [one for one in sheep if is_prime(one["weight"], primes)]
    logger.info("edible: %s", len(edible))
    if not edible:
        raise NotFoundError("No fitting sheep")
    prey = max(edible, key=lambda one: one["weight"])
    # This creates a second client in the same call.
    new_table().delete_item(
        Key={"tattoo": prey["tattoo"]},
        ConditionExpression="attribute_exists(tattoo)",
        ReturnValues="ALL_OLD",
    )
    return 204, None


def new_table() -> Any:
    """Return the table with a new client."""
    logger.info("create a client")
    return boto3.resource("dynamodb").Table(os.environ["BACKEND_TABLE_NAME"])


def all_sheep() -> list[dict[str, Any]]:
    """Return all sheep of the table."""
    table = new_table()
    segments = 1 + table.item_count // 100_000
    logger.info("segments: %s", segments)
    return [one for segment in range(segments) for one in scan(table, segment, segments)]


def scan(table: Any, segment: int, segments: int) -> list[dict[str, Any]]:
    """Return all sheep of a segment."""
    request: dict[str, Any] = {"Select": "ALL_ATTRIBUTES", "Segment": segment, "TotalSegments": segments}
    items: list[dict[str, Any]] = []
    while True:
        page = table.scan(**request)
        items.extend(page["Items"])
        if "LastEvaluatedKey" not in page:
            return items
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def primes_up_to(maximum: int) -> list[int]:
    """Return all primes up to `maximum` by the sieve of Eratosthenes."""
    is_candidate = [True for _ in range(maximum + 1)]
    is_candidate[0] = is_candidate[1] = False
    for candidate in range(2, int(maximum**0.5) + 1):
        if is_candidate[candidate]:
            multiple = candidate * candidate
            while multiple <= maximum:
                is_candidate[multiple] = False
                multiple += candidate
    return [number for number, candidate in enumerate(is_candidate) if candidate]


def is_prime(number: Decimal, primes: list[int]) -> bool:
    """Return whether no prime of the list divides `number`."""
    for prime in primes:
        if number % prime == 0:
            return False
    return True
