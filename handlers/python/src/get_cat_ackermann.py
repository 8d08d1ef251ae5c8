"""`GET /cat`: evaluates the 2-ary Ackermann function. Pure CPU; imports no SDK."""

from __future__ import annotations

from typing import Final

from shed.answers import Answer, json_answer, message
from shed.numbers import whole_number
from shed.serving import Request, query_parameter, serve

_MAX_M: Final = 4
_MAX_N: Final = 50_000


@serve
def handler(request: Request) -> Answer:
    """Answer A(m, n)."""
    m = whole_number(query_parameter(request, "m"), _MAX_M)
    if m is None:
        return message(400, "m must be a whole number from 0 to 4")
    n = whole_number(query_parameter(request, "n"), _MAX_N)
    if n is None:
        return message(400, "n must be a whole number from 0 to 50000")
    return json_answer(200, {"result": ackermann(m, n)})


def ackermann(m: int, n: int) -> int:
    """Evaluate A(m, n) by its rewriting rules, one rule at a time.

    - A(0, n) = n + 1
    - A(m, 0) = A(m - 1, 1)
    - A(m, n) = A(m - 1, A(m, n - 1))

    `m` and `n` are the arguments of the innermost call. The calls around it wait for its value as their
    second argument; the stack holds their first arguments. There is no closed form and no cache, because this
    is the CPU benchmark.
    """
    waiting: list[int] = []
    while True:
        if m == 0:
            n += 1
            if not waiting:
                return n
            m = waiting.pop()
        elif n == 0:
            m -= 1
            n = 1
        else:
            waiting.append(m - 1)
            n -= 1
