"""Computes, independently of shedbench, the values that statistics.test.ts compares with.

Python's exact fractions and its `statistics` module for the figures; for the intervals plain resampling, value by
value, where shedbench draws order statistics. Run: python3 test/report/independent_values.py > test/report/independent-values.json
"""

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


def interval(numerator, denominator, statistic, resamples, generator):
    ratios = sorted(
        statistic(generator.choices(numerator, k=len(numerator)))
        / statistic(generator.choices(denominator, k=len(denominator)))
        for _ in range(resamples)
    )
    return [ratios[math.ceil(0.025 * resamples) - 1], ratios[math.ceil(0.975 * resamples) - 1]]


def main():
    generator = random.Random(20261123)

    def rounded(draw, count):
        return [round(draw(), 2) for _ in range(count)]

    lognormal = rounded(lambda: generator.lognormvariate(3, 0.4), 1000)
    slower = rounded(lambda: generator.lognormvariate(3.7, 0.5), 700)
    samples = {
        "one": [42.5],
        "two": [1.25, 8.75],
        "equal": [3.3] * 17,
        "ties": [float(generator.randint(1, 5)) for _ in range(100)],
        "lognormal": lognormal,
        "pareto": rounded(lambda: generator.paretovariate(0.9), 1000),
        "offset": [1e9 + value for value in rounded(lambda: generator.uniform(0, 1), 200)],
    }
    median = lambda values: percentile(values, "50")
    p99 = lambda values: percentile(values, "99")
    average = lambda values: sum(values) / len(values)
    print(
        json.dumps(
            {
                "samples": {name: figures(values) for name, values in samples.items()},
                "intervals": {
                    "numerator": slower,
                    "denominator": lognormal,
                    "resamples": 20000,
                    "p50": interval(slower, lognormal, median, 20000, generator),
                    "p99": interval(slower, lognormal, p99, 20000, generator),
                    "mean": interval(slower, lognormal, average, 20000, generator),
                },
            }
        )
    )


main()
