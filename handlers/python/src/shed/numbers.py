"""Whole numbers in the form of the contract."""

from __future__ import annotations

import re
from typing import Final

_MAX: Final = 2**64 - 1
# Not \d and not str.isdigit, because both accept digits of other scripts.
_DIGITS: Final = re.compile(r"[0-9]{1,20}")


def whole_number(text: str | None, maximum: int = _MAX) -> int | None:
    """Parse a whole number: 1 to 20 ASCII digits, leading zeros included, at most `maximum`."""
    if text is None or _DIGITS.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number <= maximum else None
