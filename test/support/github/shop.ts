// A model with a bit of everything that mining meets at GitHub, and what has to come out of it.
import { commit, day, issue, type ModelRepository, pull, repository, shaOf } from "./model.ts";

const suite = (n: number) => ({ suite: n, app: "github-actions" });

/** Two repositories that give rows, one of them under a new name; the fates of all pull requests are told beside them. */
export function shopModel(): ModelRepository[] {
  const early = { author: "ann", body: "It happens with two as well.", createdAt: day(20) };
  const head = shaOf("work for 10");
  const tools = repository("acme/tools", {
    formerNames: ["acme/old-tools"],
    stars: 900,
    workflows: [{ path: ".github/workflows/ci.yml", state: "active" }],
    issues: [
      issue(1, {
        comments: [
          early,
          { ...early, author: null, body: "Seen.", createdAt: day(21) },
          { ...early, body: "Edited: see the fix.", updatedAt: day(70) },
          { ...early, body: "The fix is to add.", createdAt: day(65) },
        ],
      }),
      issue(2),
      issue(3, { movedTo: "acme/shop#1" }),
      issue(4, { isGone: true }),
    ],
    pulls: [
      pull(10, { closes: ["acme/tools#1"], title: "Add at last", body: "It adds." }),
      pull(11, { body: "Fixes #2, closes acme/tools#3 and #1" }),
      pull(12, { body: "Nothing closed" }),
      pull(13, { body: "Fixes #4" }),
      pull(14, { body: "Fixes #10" }),
      pull(15, { closes: [null] }),
      pull(16, { title: 'Revert "Change 17"', body: "Reverts acme/tools#17" }),
      pull(17, { closes: ["acme/tools#2"] }),
      pull(18, { mergedAt: null }),
      pull(19, { commits: [commit("Resolve #2", { authoredAt: day(60) })] }),
      pull(20, { closes: ["acme/tools#1"], commits: [commit("m", { parents: [shaOf("a"), shaOf("b")] })] }),
      pull(21, { closes: ["acme/tools#1"], mergedAt: day(5000) }),
    ],
    checks: {
      [head]: {
        runs: [
          { name: "test", conclusion: "success", ...suite(5) },
          { name: "lint", conclusion: "failure", ...suite(6) },
          { name: "slow", conclusion: null, suite: 7, app: "other" },
        ],
        statuses: [{ context: "ci/old", state: "success" }],
        workflowRuns: [
          { path: ".github/workflows/ci.yml", suite: 5 },
          { path: ".github/workflows/lint.yml@refs/heads/main", suite: 6 },
        ],
      },
      [shaOf("merge 10")]: {
        runs: [{ name: "test", conclusion: "success", ...suite(8) }],
        statuses: [],
        workflowRuns: [],
      },
    },
  });
  const shop = repository("acme/shop", {
    stars: 500,
    licence: null,
    issues: [issue(1, { title: "Moved here", comments: [early] })],
    pulls: [pull(30, { closes: ["acme/shop#1"] })],
  });
  const gone = repository("acme/gone", { gone: 404 });
  const taken = repository("acme/taken", { gone: 451, language: "Rust" });
  return [tools, shop, gone, taken];
}

/** Why the pull requests of `acme/tools` that give no row give none, asked with a token. */
export const shopReasons: Readonly<Record<string, string>> = {
  "acme__tools-12": "no-issue",
  "acme__tools-13": "issue-unknown",
  "acme__tools-14": "only-pull-requests",
  "acme__tools-15": "issue-unknown",
  "acme__tools-16": "revert",
  "acme__tools-17": "reverted",
  "acme__tools-20": "no-own-commit",
};
