import unittest
from datetime import date

from dayrule import Agenda, Frequency, Rule


class AgendaTest(unittest.TestCase):
    def setUp(self):
        self.agenda = Agenda(
            [
                Rule(date(2026, 6, 1), Frequency.WEEKLY),
                Rule(date(2026, 5, 15), Frequency.MONTHLY),
            ],
            skip=[date(2026, 6, 22)],
        )

    def test_dates_are_in_order_and_unique(self):
        self.assertEqual(
            self.agenda.between(date(2026, 5, 1), date(2026, 6, 30)),
            [
                date(2026, 5, 15),
                date(2026, 6, 1),
                date(2026, 6, 8),
                date(2026, 6, 15),
                date(2026, 6, 29),
            ],
        )

    def test_contains(self):
        self.assertIn(date(2026, 5, 15), self.agenda)
        self.assertIn(date(2026, 6, 8), self.agenda)
        self.assertNotIn(date(2026, 6, 22), self.agenda)
        self.assertNotIn(date(2026, 6, 23), self.agenda)

    def test_without_rules(self):
        self.assertEqual(Agenda([]).between(date(2026, 1, 1), date(2026, 2, 1)), [])


if __name__ == "__main__":
    unittest.main()
