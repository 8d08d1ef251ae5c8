"""Computes, independently of shedbench, the values that statistics.test.ts compares with.

Python's exact fractions and its `statistics` module for the figures; for the intervals every assignment of signs or
sides is counted one by one, where shedbench adds up distributions. Run: python3 test/report/independent_values.py > test/report/independent-values.json
"""

import itertools
import json
import math
import random
import statistics
from fractions import Fraction

PERCENTS = ["50", "90", "99", "99.9"]


def percentile(values, percent):
    """Nearest rank: the smallest value that at least percent % of the values don't exceed."""
    ordered = sorted(values)
    rank = max(1, math.ceil(Fraction(percent) / 100 * len(ordered)))
    return ordered[rank - 1]


def mean(values):
    return float(sum(Fraction(value) for value in values) / len(values))


def figures(values):
    return {
        "values": values,
        "mean": mean(values),
        "stddev": statistics.stdev(values) if len(values) > 1 else None,
        "percentiles": {percent: percentile(values, percent) for percent in PERCENTS},
    }


def ends(candidates, sums):
    """The interval between the two depths around 2.5 % in each tail; `sums` are the rank sums of all assignments."""
    below = Fraction(0)
    rank = 0
    while True:
        probability = Fraction(sums.count(rank), len(sums))
        if below + probability > Fraction(1, 40):
            break
        below += probability
        rank += 1
    beyond = float((Fraction(1, 40) - below) / probability)
    ordered = sorted(candidates)
    inner = lambda values: values[rank - 1] * (1 - beyond) + values[rank] * beyond
    return {"center": statistics.median(ordered), "low": inner(ordered), "high": inner(ordered[::-1])}


def signed_rank(values):
    means = [(a + b) / 2 for i, a in enumerate(values) for b in values[i:]]
    signs = itertools.product((0, 1), repeat=len(values))
    return ends(means, [sum(rank * sign for rank, sign in enumerate(chosen, 1)) for chosen in signs])


def rank_sum(left, right):
    differences = [b - a for a in left for b in right]
    places = itertools.combinations(range(len(left) + len(right)), len(left))
    lowest = sum(range(len(left)))
    return ends(differences, [sum(chosen) - lowest for chosen in places])


def main():
    generator = random.Random(20261123)

    def rounded(draw, count):
        return [round(draw(), 2) for _ in range(count)]

    lognormal = rounded(lambda: generator.lognormvariate(3, 0.4), 1000)
    samples = {
        "one": [42.5],
        "two": [1.25, 8.75],
        "equal": [3.3] * 17,
        "ties": [float(generator.randint(1, 5)) for _ in range(100)],
        "lognormal": lognormal,
        "pareto": rounded(lambda: generator.paretovariate(0.9), 1000),
        "offset": [1e9 + value for value in rounded(lambda: generator.uniform(0, 1), 200)],
    }
    differences = [rounded(lambda: generator.gauss(0.1, 0.2), count) for count in (6, 9, 12)]
    sides = [
        (rounded(lambda: generator.paretovariate(2), left), rounded(lambda: generator.paretovariate(2), right))
        for left, right in ((4, 4), (5, 8), (7, 6))
    ]
    print(
        json.dumps(
            {
                "samples": {name: figures(values) for name, values in samples.items()},
                "signedRanks": [{"values": values, **signed_rank(values)} for values in differences],
                "rankSums": [{"left": left, "right": right, **rank_sum(left, right)} for left, right in sides],
            }
        )
    )


main()
