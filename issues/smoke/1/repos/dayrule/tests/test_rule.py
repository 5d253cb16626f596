import unittest
from datetime import date
from itertools import islice

from dayrule import Frequency, Rule, RuleError


class IterationTest(unittest.TestCase):
    def first(self, number, rule):
        return [day.isoformat() for day in islice(rule, number)]

    def test_daily(self):
        rule = Rule(date(2026, 2, 27), Frequency.DAILY)
        self.assertEqual(
            self.first(3, rule), ["2026-02-27", "2026-02-28", "2026-03-01"]
        )

    def test_every_second_week(self):
        rule = Rule(date(2026, 12, 14), Frequency.WEEKLY, interval=2)
        self.assertEqual(
            self.first(3, rule), ["2026-12-14", "2026-12-28", "2027-01-11"]
        )

    def test_monthly(self):
        rule = Rule(date(2026, 11, 15), Frequency.MONTHLY)
        self.assertEqual(
            self.first(3, rule), ["2026-11-15", "2026-12-15", "2027-01-15"]
        )

    def test_yearly(self):
        rule = Rule(date(2026, 7, 4), Frequency.YEARLY, interval=10)
        self.assertEqual(
            self.first(3, rule), ["2026-07-04", "2036-07-04", "2046-07-04"]
        )

    def test_count(self):
        rule = Rule(date(2026, 1, 1), Frequency.DAILY, count=2)
        self.assertEqual(list(rule), [date(2026, 1, 1), date(2026, 1, 2)])

    def test_until_is_included(self):
        rule = Rule(date(2026, 1, 1), Frequency.WEEKLY, until=date(2026, 1, 8))
        self.assertEqual(list(rule), [date(2026, 1, 1), date(2026, 1, 8)])

    def test_ends_with_the_calendar(self):
        monthly = Rule(date(9999, 10, 31), Frequency.MONTHLY, interval=2)
        self.assertEqual(list(monthly), [date(9999, 10, 31), date(9999, 12, 31)])
        daily = Rule(date(9999, 12, 30), Frequency.DAILY)
        self.assertEqual(list(daily), [date(9999, 12, 30), date(9999, 12, 31)])


class SearchTest(unittest.TestCase):
    def setUp(self):
        self.weekly = Rule(date(2026, 1, 5), Frequency.WEEKLY)
        self.quarterly = Rule(date(2026, 1, 15), Frequency.MONTHLY, interval=3)

    def test_between_includes_both_ends(self):
        self.assertEqual(
            self.weekly.between(date(2026, 1, 12), date(2026, 1, 26)),
            [date(2026, 1, 12), date(2026, 1, 19), date(2026, 1, 26)],
        )

    def test_between_starts_with_the_rule(self):
        self.assertEqual(
            self.weekly.between(date(2025, 1, 1), date(2026, 1, 6)),
            [date(2026, 1, 5)],
        )
        self.assertEqual(self.weekly.between(date(2025, 1, 1), date(2025, 6, 1)), [])

    def test_between_far_from_the_start(self):
        self.assertEqual(
            self.quarterly.between(date(2998, 8, 1), date(2999, 1, 31)),
            [date(2998, 10, 15), date(2999, 1, 15)],
        )

    def test_between_respects_the_limits(self):
        counted = Rule(date(2026, 1, 15), Frequency.MONTHLY, count=3)
        ended = Rule(date(2026, 1, 15), Frequency.MONTHLY, until=date(2026, 3, 20))
        for rule in (counted, ended):
            self.assertEqual(
                rule.between(date(2026, 3, 1), date(2026, 12, 31)),
                [date(2026, 3, 15)],
            )
            self.assertEqual(rule.between(date(2026, 6, 1), date(2026, 12, 31)), [])

    def test_after(self):
        self.assertEqual(self.quarterly.after(date(2020, 1, 1)), date(2026, 1, 15))
        self.assertEqual(self.quarterly.after(date(2026, 4, 14)), date(2026, 4, 15))
        self.assertEqual(self.quarterly.after(date(2026, 4, 15)), date(2026, 7, 15))
        ended = Rule(date(2026, 1, 15), Frequency.YEARLY, count=1)
        self.assertIsNone(ended.after(date(2026, 1, 15)))

    def test_before(self):
        self.assertIsNone(self.quarterly.before(date(2026, 1, 15)))
        self.assertEqual(self.quarterly.before(date(2026, 4, 15)), date(2026, 1, 15))
        self.assertEqual(self.quarterly.before(date(2026, 4, 16)), date(2026, 4, 15))

    def test_before_respects_the_limits(self):
        counted = Rule(date(2026, 1, 15), Frequency.MONTHLY, count=3)
        ended = Rule(date(2026, 1, 15), Frequency.MONTHLY, until=date(2026, 3, 20))
        for rule in (counted, ended):
            self.assertEqual(rule.before(date(2030, 1, 1)), date(2026, 3, 15))

    def test_contains(self):
        self.assertIn(date(2026, 1, 19), self.weekly)
        self.assertNotIn(date(2026, 1, 20), self.weekly)
        self.assertNotIn(date(2025, 12, 29), self.weekly)


class ValidationTest(unittest.TestCase):
    def test_rules_that_make_no_sense(self):
        start = date(2026, 1, 1)
        for arguments in (
            {"interval": 0},
            {"count": 0},
            {"until": date(2025, 12, 31)},
            {"count": 1, "until": start},
        ):
            with self.subTest(**arguments), self.assertRaises(RuleError):
                Rule(start, Frequency.DAILY, **arguments)


if __name__ == "__main__":
    unittest.main()
