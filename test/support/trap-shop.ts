// A repository with one change for each planted trap of curation: real commits, real pull requests, issues as exported.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { History, hour } from "./history.ts";

/** One pull request: its number names its row, its module and its issue. */
export interface Planted {
  readonly number: number;
  /** What its issue says; its own number unless another issue is closed. */
  readonly issue: string;
  readonly closes?: number;
  /** Files of the change instead of the usual fix and its hidden test. */
  readonly files?: Readonly<Record<string, string>>;
  /** Beside the usual files. */
  readonly more?: Readonly<Record<string, string>>;
  /** A branch that no issue speaks of, merged into this one. */
  readonly mergesAnother?: true;
  /** Hour of its last commit, after that of its merge. */
  readonly committedAt?: number;
  /** Put on the main line before it begins. */
  readonly base?: Readonly<Record<string, string>>;
}

export const fixLines = (n: number): readonly string[] => [
  `    rounded_prices_${n} = [round(price, 2) for price in prices]`,
  `    return sum(rounded_prices_${n})`,
];

export const moduleOf = (n: number): string => `shop/m${n}.py`;

const source = (n: number, body: string): string =>
  `def total_${n}(prices):\n${body}\n\n\ndef count_${n}(prices):\n    return len(prices)\n`;

/** A test file of module `n`, hidden or not. */
export const testOf = (n: number, name: string, body: string): Readonly<Record<string, string>> => ({
  [`tests/test_${name}_${n}.py`]: `import os\n\nfrom shop.m${n} import count_${n}, total_${n}\n\n\n${body}\n`,
});

export const failsBefore = (n: number): string => `def test_total():\n    assert total_${n}([1, 2]) == 3`;

const usual = (n: number): Readonly<Record<string, string>> => ({
  [moduleOf(n)]: source(n, fixLines(n).join("\n")),
  ...testOf(n, "total", failsBefore(n)),
});

/** The clone, and the file of its issues. */
export function trapShop(planted: readonly Planted[]): {
  readonly history: History;
  readonly issues: string;
} {
  const history = new History();
  const bare = planted.map(({ number }) => [moduleOf(number), source(number, "    return 0")]);
  const counts = planted.map(({ number }) =>
    Object.entries(testOf(number, "count", `def test_count():\n    assert count_${number}([5]) == 1`)),
  );
  history.commit({
    "shop/__init__.py": "",
    "pytest.ini": "[pytest]\npythonpath = .\n",
    ...Object.fromEntries([...bare, ...counts.flat()]),
  });
  for (const each of planted) plant(history, each);
  const issues = join(history.folder, ".git/issues.json");
  const entries = planted.map(({ number, issue }) => ({
    ...{ number: 100 + number, title: `Total ${number} is wrong`, body: issue, created_at: hour(0) },
  }));
  writeFileSync(issues, JSON.stringify(entries));
  return { history, issues };
}

/** Every change begins at the first commit, so that all are prepared alike, but for those that need another base. */
function plant(history: History, planted: Planted): void {
  const { number, closes = number, base, committedAt } = planted;
  if (base !== undefined) history.commit(base);
  const start = base === undefined ? (history.git("rev-list", "--max-parents=0", "main") ?? "") : "main";
  history.git("checkout", "--quiet", "-b", `change-${number}`, start);
  if (planted.mergesAnother === true) {
    history.git("checkout", "--quiet", "-b", `other-${number}`);
    history.commit({ "shop/unrelated.py": "added = True\n" });
    history.git("checkout", "--quiet", `change-${number}`);
  }
  history.commit(planted.files ?? { ...usual(number), ...planted.more });
  if (planted.mergesAnother === true) history.merge(`other-${number}`);
  const before = history.hour;
  if (committedAt !== undefined) history.commit({ "shop/late.py": "late = True\n" }, committedAt);
  history.git("checkout", "--quiet", "main");
  history.hour = before + 1;
  const title = `Merge pull request #${number} from someone/change-${number}`;
  const message = `${title}\n\nMend total ${number}\n\nFixes #${100 + closes}`;
  history.git("merge", "--quiet", "--no-ff", `--message=${message}`, `change-${number}`);
}
