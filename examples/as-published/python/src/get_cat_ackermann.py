"""`GET /cat`: evaluates the 2-ary Ackermann function with a stack of pairs."""

from __future__ import annotations

from typing import Any

from published import logger, serve, whole_number


@serve
def handler(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer A(m, n)."""
    query = event.get("queryStringParameters") or {}
    m = whole_number(query.get("m"), "m", 4)
    n = whole_number(query.get("n"), "n", 50_000)
    logger.info("computing A(%s, %s)", m, n)
    result = ackermann(m, n)
    logger.info("result: %s", result)
    return 200, {"result": result}


def ackermann(m: int, n: int) -> int:
    """Evaluate A(m, n). The stack holds both arguments of every call that waits."""
    stack: list[tuple[int, int]] = [(m, n)]
    result = 0
    is_known = False
    while stack:
        m, n = stack.pop()
        if is_known:
            n = result
            is_known = False
        if m == 0:
            result = n + 1
            is_known = True
        elif n == 0:
            stack.append((m - 1, 1))
        else:
            stack.append((m - 1, 0))
            stack.append((m, n - 1))
    return result
