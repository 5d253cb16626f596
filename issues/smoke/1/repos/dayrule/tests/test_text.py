import unittest
from datetime import date

from dayrule import Frequency, Rule, RuleError, RuleSyntaxError, describe, parse_rule

START = date(2026, 1, 5)


class TextTest(unittest.TestCase):
    EXAMPLES = {
        "every day from 2026-01-05": Rule(START, Frequency.DAILY),
        "every 2 weeks from 2026-01-05 10 times": Rule(
            START, Frequency.WEEKLY, interval=2, count=10
        ),
        "every month from 2026-01-05 until 2026-06-30": Rule(
            START, Frequency.MONTHLY, until=date(2026, 6, 30)
        ),
        "every 4 years from 2026-01-05 1 time": Rule(
            START, Frequency.YEARLY, interval=4, count=1
        ),
    }

    def test_parse(self):
        for text, rule in self.EXAMPLES.items():
            with self.subTest(text):
                self.assertEqual(parse_rule(text), rule)

    def test_describe(self):
        for text, rule in self.EXAMPLES.items():
            with self.subTest(text):
                self.assertEqual(describe(rule), text)

    def test_case_and_spaces_do_not_matter(self):
        self.assertEqual(
            parse_rule("  Every  1 Week from 2026-01-05 "),
            Rule(START, Frequency.WEEKLY),
        )

    def test_not_a_rule(self):
        for text in (
            "",
            "every",
            "every fortnight from 2026-01-05",
            "every day from 2026-02-30",
            "every day from 2026-01-05 until soon",
            "every day from 2026-01-05 until 2026-02-05 3 times",
        ):
            with self.subTest(text), self.assertRaises(RuleSyntaxError):
                parse_rule(text)

    def test_rule_that_makes_no_sense(self):
        with self.assertRaises(RuleError):
            parse_rule("every 0 days from 2026-01-05")


if __name__ == "__main__":
    unittest.main()
