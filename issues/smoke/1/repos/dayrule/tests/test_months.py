import unittest
from datetime import date

from dayrule.months import add_months, days_in_month, whole_months


class DaysInMonthTest(unittest.TestCase):
    def test_february(self):
        self.assertEqual(days_in_month(2026, 2), 28)
        self.assertEqual(days_in_month(2024, 2), 29)
        self.assertEqual(days_in_month(2100, 2), 28)


class AddMonthsTest(unittest.TestCase):
    def test_within_a_year(self):
        self.assertEqual(add_months(date(2026, 3, 15), 2), date(2026, 5, 15))

    def test_across_years(self):
        self.assertEqual(add_months(date(2026, 11, 15), 1), date(2026, 12, 15))
        self.assertEqual(add_months(date(2026, 11, 15), 2), date(2027, 1, 15))
        self.assertEqual(add_months(date(2026, 11, 15), 26), date(2029, 1, 15))

    def test_short_month(self):
        self.assertEqual(add_months(date(2026, 1, 31), 1), date(2026, 2, 28))
        self.assertEqual(add_months(date(2024, 1, 31), 1), date(2024, 2, 29))

    def test_end_of_the_calendar(self):
        self.assertEqual(add_months(date(9999, 11, 15), 1), date(9999, 12, 15))
        with self.assertRaises(OverflowError):
            add_months(date(9999, 12, 15), 1)


class WholeMonthsTest(unittest.TestCase):
    def test_whole_months(self):
        start = date(2026, 3, 15)
        self.assertEqual(whole_months(start, date(2026, 3, 15)), 0)
        self.assertEqual(whole_months(start, date(2026, 4, 14)), 0)
        self.assertEqual(whole_months(start, date(2026, 4, 15)), 1)
        self.assertEqual(whole_months(start, date(2028, 1, 20)), 22)


if __name__ == "__main__":
    unittest.main()
