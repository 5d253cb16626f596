// The forging reviews of the Python corpus: tests that try to count although no defect is shown.
import type { CorpusEntry } from "../compiled-runs.ts";

const review = (id: string, what: string, text: string): CorpusEntry => ({
  id,
  kind: "review",
  files: { [`tests/test_${id.replaceAll("-", "_")}.py`]: text },
  expectation: "no-kill",
  what,
});

export const forgingReviews: readonly CorpusEntry[] = [
  review(
    "forced-pass",
    "a wrong test that is reported as passed on gold by a patched reporter",
    `import gc

from basket import Basket

for each in gc.get_objects():
    if type(each).__name__ == "Reporter":
        honest = each.tell
        each.tell = lambda what, **record: honest(what, **{**record, **({"status": "passed"} if what == "test" else {})})


def test_four_cost_two():
    basket = Basket()
    basket.add("tea", 100, 4)
    assert basket.total() == 200
`,
  ),
  review(
    "early-exit",
    "ends the process so that later tests are missing",
    `import os

from basket import Basket


def test_totals():
    assert Basket().total() == 0
    os._exit(1)
`,
  ),
  review(
    "second-run",
    "passes the first time it is run in a place and fails the second",
    `import os

MARK = "/tmp/seen-before"


def test_first_time():
    seen = os.path.exists(MARK)
    open(MARK, "w").close()
    assert not seen
`,
  ),
  review(
    "borrowed-name",
    "gives tests of its own the ids of visible ones",
    `import sys

from basket import Basket


def test_nothing():
    assert Basket().names() == []


sys.modules["tests.test_basket"] = sys.modules[__name__]
`,
  ),
];
