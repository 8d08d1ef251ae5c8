"""The shed's table in DynamoDB: all calls that the contract allows, by one client per environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

import boto3
from botocore.config import Config

_Gathered = TypeVar("_Gathered")
_Page = dict[str, Any]

# As many connections as Node's SDK keeps. The threads that use them start when they are first needed.
_CONNECTIONS: Final = 50
_client: Final = boto3.client(
    "dynamodb",
    config=Config(max_pool_connections=_CONNECTIONS, retries={"mode": "standard", "total_max_attempts": 3}),
)
_table_name: Final = os.environ["BACKEND_TABLE_NAME"]

threads: Final = ThreadPoolExecutor(max_workers=_CONNECTIONS)

# How many sheep one segment of a parallel scan should read: about five pages of 1 MB.
_SHEEP_PER_SEGMENT: Final = 100_000
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html (TotalSegments)
_MAX_SEGMENTS: Final = 1_000_000


class Sheep(NamedTuple):
    """One sheep: its tattoo, which is its key, and its weight in micrograms."""

    tattoo: int
    weight: int


def add_sheep(sheep: Sheep) -> bool:
    """Add a sheep unless its tattoo exists. Return whether it was added."""
    try:
        _client.put_item(
            TableName=_table_name,
            Item={"tattoo": {"N": str(sheep.tattoo)}, "weight": {"N": str(sheep.weight)}},
            ConditionExpression="attribute_not_exists(tattoo)",
        )
    except _client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def remove_sheep(tattoo: int) -> bool:
    """Remove a sheep. Return whether it existed."""
    try:
        _client.delete_item(
            TableName=_table_name,
            Key={"tattoo": {"N": str(tattoo)}},
            ConditionExpression="attribute_exists(tattoo)",
            ReturnValues="ALL_OLD",
        )
    except _client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def count_sheep() -> int:
    """Count the sheep by a scan of the whole table."""
    return sum(_scan("COUNT", _counted))


def all_sheep() -> list[Sheep]:
    """Return all sheep, in no particular order, by a scan of the whole table."""
    return list(chain.from_iterable(_scan("ALL_ATTRIBUTES", _sheep)))


def _counted(pages: Iterator[_Page]) -> int:
    return sum(page["Count"] for page in pages)


def _sheep(pages: Iterator[_Page]) -> list[Sheep]:
    return [
        Sheep(int(item["tattoo"]["N"]), int(item["weight"]["N"])) for page in pages for item in page["Items"]
    ]


def _scan(select: str, gather: Callable[[Iterator[_Page]], _Gathered]) -> list[_Gathered]:
    """Scan all pages of all segments in parallel, and return what `gather` made of each segment."""
    described = _client.describe_table(TableName=_table_name)
    segments = segment_count(described["Table"].get("ItemCount", 0))
    return list(threads.map(lambda segment: gather(_pages(select, segment, segments)), range(segments)))


def _pages(select: str, segment: int, segments: int) -> Iterator[_Page]:
    request: dict[str, Any] = {
        "TableName": _table_name,
        "Select": select,
        "Segment": segment,
        "TotalSegments": segments,
    }
    while True:
        page = _client.scan(**request)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def segment_count(item_count: int) -> int:
    """One segment, and another for every 100,000 items."""
    return min(1 + item_count // _SHEEP_PER_SEGMENT, _MAX_SEGMENTS)
