"""A replacement of boto3 that records the calls of one client and answers from a list."""

from __future__ import annotations

import sys
import types
from typing import Any, ClassVar


class ConditionalCheckFailedError(Exception):
    """The error of the client for a condition that does not hold."""


class FakeClient:
    """A DynamoDB client that returns prepared answers, in order."""

    calls: ClassVar[list[tuple[str, dict[str, Any]]]] = []
    answers: ClassVar[list[dict[str, Any] | Exception]] = []
    made: ClassVar[int] = 0

    class exceptions:  # noqa: N801 - boto3's name
        """The client's modelled errors."""

        ConditionalCheckFailedException = ConditionalCheckFailedError

    def __getattr__(self, operation: str) -> Any:
        """Return a method for any operation."""

        def call(**request: Any) -> dict[str, Any]:
            FakeClient.calls.append((operation, dict(request)))
            answer = FakeClient.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    @classmethod
    def expect(cls, *answers: dict[str, Any] | Exception) -> None:
        """Forget earlier calls, and return these answers from now on."""
        cls.calls.clear()
        cls.answers[:] = answers


def install() -> None:
    """Install the fake in place of boto3, before any other import of it."""
    boto3 = types.ModuleType("boto3")
    botocore = types.ModuleType("botocore")
    config = types.ModuleType("botocore.config")

    def client(_service: str, **_options: Any) -> FakeClient:
        FakeClient.made += 1
        return FakeClient()

    vars(boto3)["client"] = client
    vars(config)["Config"] = dict
    sys.modules.update({"boto3": boto3, "botocore": botocore, "botocore.config": config})
