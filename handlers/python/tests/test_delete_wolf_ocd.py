"""Tests of the wolf."""

import unittest
from typing import Any

from delete_wolf_ocd import handler, is_prime, primes_up_to
from tests.fake_boto3 import ConditionalCheckFailedError, FakeClient


def shed(*weights: int) -> list[dict[str, Any]]:
    """Return DynamoDB's answers for a shed of sheep with these weights and the tattoos 1, 2, and so on."""
    items = [{"tattoo": {"N": str(i)}, "weight": {"N": str(w)}} for i, w in enumerate(weights, start=1)]
    return [{"Table": {"ItemCount": 0}}, {"Items": items, "Count": len(items)}]


class Primes(unittest.TestCase):
    """Sieve and division."""

    def test_the_sieve_finds_the_primes_and_nothing_else(self):
        self.assertEqual([primes_up_to(n) for n in (0, 1, 2)], [[], [], [2]])
        self.assertEqual(primes_up_to(31), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31])
        primes = primes_up_to(400_000)
        self.assertEqual((len(primes), primes[-1]), (33_860, 399_989))

    def test_primality_holds_at_the_ends_of_the_weights(self):
        primes = primes_up_to(400_000)
        self.assertTrue(is_prime(80_000_000_021, primes))
        self.assertFalse(is_prime(80_000_000_000, primes))
        self.assertTrue(is_prime(159_999_999_983, primes))
        self.assertFalse(is_prime(160_000_000_000, primes))
        self.assertFalse(is_prime(399_989**2, primes))

    def test_small_numbers_are_judged_right(self):
        primes = primes_up_to(400_000)
        self.assertEqual([n for n in range(20) if is_prime(n, primes)], [2, 3, 5, 7, 11, 13, 17, 19])


class Wolf(unittest.TestCase):
    """`DELETE /wolf`."""

    def test_eats_the_heaviest_of_a_prime_weight(self):
        FakeClient.expect(*shed(80_000_000_021, 159_999_999_983, 160_000_000_000), {"Attributes": {}})
        answer = handler({}, None)
        expected: Any = {
            "statusCode": 204,
            "headers": {"Access-Control-Allow-Origin": "https://shed.example"},
            "body": "",
        }
        self.assertEqual(answer, expected)
        self.assertEqual([name for name, _ in FakeClient.calls], ["describe_table", "scan", "delete_item"])
        self.assertEqual(FakeClient.calls[1][1]["Select"], "ALL_ATTRIBUTES")
        self.assertEqual(
            FakeClient.calls[2][1],
            {
                "TableName": "the-table",
                "Key": {"tattoo": {"N": "2"}},
                "ConditionExpression": "attribute_exists(tattoo)",
                "ReturnValues": "ALL_OLD",
            },
        )

    def test_goes_hungry_without_a_prime_weight(self):
        for weights in ((), (80_000_000_000, 160_000_000_000)):
            FakeClient.expect(*shed(*weights))
            answer = handler({}, None)
            self.assertEqual((answer["statusCode"], answer["body"]), (404, '{"message":"No fitting sheep"}'))

    def test_tells_that_another_wolf_was_faster(self):
        FakeClient.expect(*shed(80_000_000_021), ConditionalCheckFailedError())
        answer = handler({}, None)
        self.assertEqual(answer["statusCode"], 409)
        self.assertEqual(answer["body"], '{"message":"Sheep is not in the shed: 1"}')
