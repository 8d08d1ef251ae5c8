"""Whole numbers as the contract writes them."""

from __future__ import annotations

import re
from typing import Final

_MAX: Final = 2**64 - 1
# Not \d and not str.isdigit: both know other scripts' digits.
_DIGITS: Final = re.compile(r"[0-9]{1,20}")


def whole_number(text: str | None, maximum: int = _MAX) -> int | None:
    """Give the whole number that `text` is: 1 to 20 ASCII digits, leading zeros too, at most `maximum`."""
    if text is None or _DIGITS.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number <= maximum else None
