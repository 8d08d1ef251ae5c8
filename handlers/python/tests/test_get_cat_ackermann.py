"""Tests of the cat."""

import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import get_cat_ackermann
from get_cat_ackermann import ackermann, handler


class Ackermann(unittest.TestCase):
    """The three rewriting rules."""

    def test_a_0_n_is_n_plus_1(self):
        for n in (0, 1, 13, 23_897, 50_000):
            self.assertEqual(ackermann(0, n), n + 1)

    def test_a_m_0_is_a_of_m_minus_1_and_1(self):
        for m in range(1, 5):
            self.assertEqual(ackermann(m, 0), ackermann(m - 1, 1))

    def test_a_m_n_is_a_of_m_minus_1_and_a_of_m_and_n_minus_1(self):
        for m, n in ((1, 1), (1, 30), (2, 5), (3, 4)):
            self.assertEqual(ackermann(m, n), ackermann(m - 1, ackermann(m, n - 1)))

    def test_known_values(self):
        self.assertEqual(ackermann(2, 3), 9)
        self.assertEqual(ackermann(3, 5), 253)
        self.assertEqual(ackermann(4, 0), 13)
        self.assertEqual(ackermann(1, 50_000), 50_002)


class Cat(unittest.TestCase):
    """`GET /cat`."""

    def ask(self, **query: str) -> tuple[int, str]:
        """Call the handler as API Gateway does."""
        answer = handler({"queryStringParameters": query or None, "pathParameters": None}, None)
        return answer["statusCode"], answer["body"]

    def test_answers_the_result(self):
        self.assertEqual(self.ask(m="3", n="2"), (200, '{"result":29}'))
        self.assertEqual(self.ask(m="0", n="50000"), (200, '{"result":50001}'))

    def test_refuses_what_is_out_of_bounds_or_no_number(self):
        m, n = "m must be a whole number from 0 to 4", "n must be a whole number from 0 to 50000"
        for query, text in (
            ({}, m),
            ({"n": "0"}, m),
            ({"m": "5", "n": "0"}, m),
            ({"m": "-1", "n": "0"}, m),
            ({"m": "0"}, n),
            ({"m": "0", "n": "50001"}, n),
            ({"m": "0", "n": "+5"}, n),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.ask(**query), (400, f'{{"message":"{text}"}}'))

    def test_every_answer_carries_type_and_origin(self):
        expected: Any = {
            "Access-Control-Allow-Origin": "https://shed.example",
            "Content-Type": "application/json",
        }
        self.assertEqual(handler({}, None)["headers"], expected)

    def test_imports_no_sdk(self):
        program = "import sys, get_cat_ackermann; print(*{'boto3', 'shed.table'} & sys.modules.keys())"
        source = Path(get_cat_ackermann.__file__).parent
        loaded = subprocess.run([sys.executable, "-c", program], cwd=source, capture_output=True, check=True)  # noqa: S603
        self.assertEqual(loaded.stdout.strip(), b"")
