// Forging submissions and reviews for Python, beside honest ones: ordinary source files only, as a contestant may write.
import { readFileSync } from "node:fs";
import type { Job } from "../../../src/domain/instance.ts";
import { pytest } from "../../../src/grading/runners/pytest.ts";
import type { Corpus, CorpusEntry } from "../compiled-runs.ts";
import { forgingReviews } from "./reviews.ts";
import { attacks } from "./submissions.ts";

const library = "basket/pricing.py";
const base = readFileSync(new URL(`../repos/python-basket/${library}`, import.meta.url), "utf8");

/** Replaces text that must be there once: a corpus that drifts from its repository must not go unnoticed. */
function edited(changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`"${from}" does not stand once in ${library}`);
    return text.replace(from, to);
  }, base);
}

const add = "        self.lines.append((name, price, count))\n";
const total = "        return sum(price * count for _, price, count in self.lines)\n";
const refusal = '        if count < 1:\n            raise BasketError(f"{count} of {name}")\n';

const gold = edited([
  [add, refusal + add],
  [total, "        return sum(price * (count - count // 3) for _, price, count in self.lines)\n"],
]);
const otherFix = edited([
  [add, `${refusal.replace("count < 1", "not count > 0")}${add}`],
  [
    total,
    "        cents = 0\n        for _, price, count in self.lines:\n            free, rest = divmod(count, 3)\n            cents += price * (2 * free + rest)\n        return cents\n",
  ],
]);
const wrongFix = edited([
  [add, refusal + add],
  [total, "        return sum(price * (count - (count >= 3)) for _, price, count in self.lines)\n"],
]);

const hidden = `import unittest

import pytest

from basket import Basket, BasketError


def priced(price, count):
    basket = Basket()
    basket.add("tea", price, count)
    return basket


def test_three_cost_two():
    basket = priced(350, 3)
    assert basket.total() == 700


def test_seven_cost_five():
    assert priced(100, 7).total() == 500


@pytest.mark.parametrize("count, cents", [(2, 200), (3, 200), (4, 300), (6, 400)])
def test_counts(count, cents):
    assert priced(100, count).total() == cents


def test_a_count_below_one_is_refused():
    with pytest.raises(BasketError):
        Basket().add("tea", 350, 0)


class OffersTest(unittest.TestCase):
    def test_every_line_has_its_own_offer(self):
        basket = priced(100, 3)
        basket.add("milk", 10, 6)
        self.assertEqual(basket.total(), 240)

    def test_lines_are_not_joined(self):
        basket = priced(100, 2)
        basket.add("milk", 100, 1)
        self.assertEqual(basket.total(), 300)
`;

const job: Job = {
  name: "test",
  run: "python3 -m pytest -q",
  runner: "pytest",
  timeoutSeconds: 60,
  env: {},
  tags: [],
};

const controls: readonly CorpusEntry[] = [
  {
    id: "gold",
    kind: "control",
    files: { [library]: gold },
    expectation: "resolved",
    what: "the gold patch",
  },
  {
    id: "other-fix",
    kind: "control",
    files: { [library]: otherFix },
    expectation: "resolved",
    what: "another correct fix",
  },
  {
    id: "wrong-fix",
    kind: "control",
    files: { [library]: wrongFix },
    expectation: "unresolved",
    what: "one free item at most",
  },
  {
    id: "base",
    kind: "control",
    files: { [library]: base },
    expectation: "unresolved",
    what: "nothing done",
  },
  {
    id: "broken",
    kind: "control",
    files: { [library]: `${base}\nthis is no Python\n` },
    expectation: "unresolved",
    what: "does not even parse",
  },
];

export const pythonCorpus: Corpus = {
  language: "python",
  repository: "python-basket",
  job,
  runner: pytest,
  hidden: { "tests/test_offers.py": hidden },
  gold: { [library]: gold },
  otherFix: { [library]: otherFix },
  entries: [
    ...controls,
    ...attacks.map(
      ({ id, what, code, expectation = "forged" }): CorpusEntry => ({
        id,
        kind: "submission",
        files: { [library]: `${base}\n\n${code}` },
        expectation,
        what,
      }),
    ),
    ...forgingReviews,
  ],
};
