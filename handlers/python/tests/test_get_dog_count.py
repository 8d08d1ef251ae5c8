"""Tests of the dog."""

import unittest

from get_dog_count import handler
from shed.table import segment_count
from tests.fake_boto3 import FakeClient


class Dog(unittest.TestCase):
    """`GET /dog`."""

    def test_counts_all_pages(self):
        key = {"tattoo": {"N": "3"}}
        FakeClient.expect(
            {"Table": {"ItemCount": 0}},
            {"Count": 3, "LastEvaluatedKey": key},
            {"Count": 2},
        )
        self.assertEqual(handler({}, None)["body"], '{"count":5}')
        scan = {"TableName": "the-table", "Select": "COUNT", "Segment": 0, "TotalSegments": 1}
        self.assertEqual(
            FakeClient.calls,
            [
                ("describe_table", {"TableName": "the-table"}),
                ("scan", scan),
                ("scan", scan | {"ExclusiveStartKey": key}),
            ],
        )

    def test_scans_every_segment(self):
        FakeClient.expect({"Table": {"ItemCount": 250_000}}, {"Count": 1}, {"Count": 1}, {"Count": 1})
        self.assertEqual(handler({}, None)["body"], '{"count":3}')
        scans = sorted((request["Segment"], request["TotalSegments"]) for _, request in FakeClient.calls[1:])
        self.assertEqual(scans, [(0, 3), (1, 3), (2, 3)])

    def test_every_hundred_thousand_items_ask_for_another_segment(self):
        self.assertEqual([segment_count(n) for n in (0, 99_999, 100_000, 10**12)], [1, 1, 2, 1_000_000])
