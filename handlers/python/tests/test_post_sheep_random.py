"""Tests of the sheep."""

import json
import unittest

from post_sheep_random import handler
from tests.fake_boto3 import ConditionalCheckFailedError, FakeClient


class Sheep(unittest.TestCase):
    """`POST /sheeps/{tattoo}`."""

    def test_puts_one_item_unless_it_is_there_and_answers_it(self):
        FakeClient.expect({})
        answer = handler({"pathParameters": {"tattoo": "18446744073709551615"}}, None)
        self.assertEqual(answer["statusCode"], 201)
        sheep = json.loads(answer["body"])
        self.assertEqual(sheep["tattoo"], 2**64 - 1)
        self.assertEqual(
            FakeClient.calls,
            [
                (
                    "put_item",
                    {
                        "TableName": "the-table",
                        "Item": {
                            "tattoo": {"N": "18446744073709551615"},
                            "weight": {"N": str(sheep["weight"])},
                        },
                        "ConditionExpression": "attribute_not_exists(tattoo)",
                    },
                )
            ],
        )

    def test_weighs_from_80_to_160_kg_in_micrograms(self):
        weights = []
        for tattoo in range(200):
            FakeClient.expect({})
            answer = handler({"pathParameters": {"tattoo": str(tattoo)}}, None)
            weights.append(json.loads(answer["body"])["weight"])
        self.assertGreaterEqual(min(weights), 80_000_000_000)
        self.assertLessEqual(max(weights), 160_000_000_000)
        self.assertGreater(len(set(weights)), 190)

    def test_a_duplicate_is_told(self):
        FakeClient.expect(ConditionalCheckFailedError())
        answer = handler({"pathParameters": {"tattoo": "007"}}, None)
        self.assertEqual(answer["statusCode"], 400)
        self.assertEqual(answer["body"], '{"message":"Sheep already in the shed: 7"}')

    def test_a_bad_tattoo_never_reaches_the_table(self):
        for tattoo in ("18446744073709551616", "+5", "x", ""):
            FakeClient.expect()
            self.assertEqual(handler({"pathParameters": {"tattoo": tattoo}}, None)["statusCode"], 400)
            self.assertEqual(FakeClient.calls, [])

    def test_anything_unexpected_is_told_to_the_log_only(self):
        FakeClient.expect(RuntimeError("the cause"))
        with self.assertLogs(level="ERROR") as logs:
            answer = handler({"pathParameters": {"tattoo": "1"}}, None)
        self.assertEqual(answer["statusCode"], 500)
        self.assertEqual(answer["body"], '{"message":"Server error"}')
        self.assertIn("the cause", logs.output[0])

    def test_all_requests_share_one_client(self):
        self.assertEqual(FakeClient.made, 1)
