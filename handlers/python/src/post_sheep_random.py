"""`POST /sheeps/{tattoo}`: adds a sheep of a random weight. One small write."""

from __future__ import annotations

import random
from typing import Final

from shed.answers import Answer, json_answer, message
from shed.numbers import whole_number
from shed.serving import Request, path_parameter, serve
from shed.table import Sheep, add_sheep

# Micrograms: a sheep weighs 80 to 160 kg.
_MIN_WEIGHT: Final = 80_000_000_000
_MAX_WEIGHT: Final = 160_000_000_000


@serve
def handler(request: Request) -> Answer:
    """Answer with the new sheep."""
    tattoo = whole_number(path_parameter(request, "tattoo"))
    if tattoo is None:
        return message(400, "tattoo must be a whole number from 0 to 18446744073709551615")
    weight = random.randint(_MIN_WEIGHT, _MAX_WEIGHT)
    if add_sheep(Sheep(tattoo, weight)):
        return json_answer(201, {"tattoo": tattoo, "weight": weight})
    return message(400, f"Sheep already in the shed: {tattoo}")
