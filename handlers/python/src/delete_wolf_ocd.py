"""`DELETE /wolf`: eats the heaviest sheep whose weight is a prime number. A scan plus CPU."""

from __future__ import annotations

from bisect import bisect_right
from itertools import compress, islice
from math import isqrt
from typing import Final

from shed.answers import Answer, message, no_content
from shed.serving import Request, serve
from shed.table import all_sheep, remove_sheep, threads

# The square root of the largest weight, 160,000,000,000 µg.
_SIEVE_MAX: Final = 400_000


@serve
def handler(_request: Request) -> Answer:
    """Answer whether a sheep was eaten."""
    # On a separate thread, while the scan waits for DynamoDB.
    sieve = threads.submit(primes_up_to, _SIEVE_MAX)
    sheep = all_sheep()
    primes = sieve.result()
    edible = (one for one in sheep if is_prime(one.weight, primes))
    prey = max(edible, key=lambda one: one.weight, default=None)
    if prey is None:
        return message(404, "No fitting sheep")
    if remove_sheep(prey.tattoo):
        return no_content()
    return message(409, f"Sheep is not in the shed: {prey.tattoo}")


def primes_up_to(maximum: int) -> list[int]:
    """Return all primes up to `maximum` inclusive, ascending, by the sieve of Eratosthenes."""
    is_candidate = bytearray(b"\x01") * (maximum + 1)
    is_candidate[:2] = bytes(min(2, maximum + 1))
    for candidate in range(2, isqrt(maximum) + 1):
        if is_candidate[candidate]:
            # Smaller multiples have a smaller prime factor and are marked already.
            multiples = range(candidate * candidate, maximum + 1, candidate)
            is_candidate[candidate * candidate :: candidate] = bytes(len(multiples))
    return list(compress(range(maximum + 1), is_candidate))


def is_prime(number: int, primes: list[int]) -> bool:
    """Return whether `number` is prime. `primes` must contain all primes up to its root."""
    # A plain loop over an iterator is a third faster than all() over a generator (measured).
    for prime in islice(primes, bisect_right(primes, isqrt(number))):
        if number % prime == 0:
            return False
    return number > 1
