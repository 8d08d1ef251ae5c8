"""`GET /cat`: evaluates the 2-ary Ackermann function with both arguments on the stack."""

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
    """Evaluate A(m, n). Every step takes both arguments from the stack and puts up to three numbers on it."""
    stack = [m, n]
    while len(stack) > 1:
        n, m = stack.pop(), stack.pop()
        if m == 0:
            stack.append(n + 1)
        elif n == 0:
            stack.append(m - 1)
            stack.append(1)
        else:
            stack.append(m - 1)
            stack.append(m)
            stack.append(n - 1)
    return stack[0]
