"""Tests of `shed.numbers`."""

import unittest

from shed.numbers import whole_number


class WholeNumber(unittest.TestCase):
    """The contract's digits."""

    def test_is_one_to_twenty_ascii_digits(self):
        self.assertEqual(whole_number("0"), 0)
        self.assertEqual(whole_number("42"), 42)
        self.assertEqual(whole_number("00000000000000000042"), 42)
        self.assertIsNone(whole_number("000000000000000000042"))
        self.assertIsNone(whole_number(""))
        self.assertIsNone(whole_number(None))

    def test_is_at_most_64_bits(self):
        self.assertEqual(whole_number("18446744073709551615"), 2**64 - 1)
        self.assertIsNone(whole_number("18446744073709551616"))

    def test_refuses_signs_blanks_fractions_and_other_scripts(self):
        for text in (
            "+5",
            "-5",
            " 5",
            "5 ",
            "5\n",
            "5.0",
            "1e3",
            "0x10",
            "٣",
            "\N{FULLWIDTH DIGIT FIVE}",
            "²",
            "1_000",
        ):
            with self.subTest(text=text):
                self.assertIsNone(whole_number(text))

    def test_keeps_to_a_lower_maximum(self):
        self.assertEqual(whole_number("4", 4), 4)
        self.assertIsNone(whole_number("5", 4))
