// `arena curate`: the stages that turn changes into an issue set, as a terminal knows them.
import type { Command } from "commander";
import { amount, integer, withSandbox } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addCurate(arena: Command, { act, merged }: ProgramTools): void {
  const curate = arena
    .command("curate")
    .description(
      "turn histories, or other people's rows, into issues that can be judged, stage by stage (docs/curation.md)",
    );
  withSources(
    curate
      .command("mine <folder>")
      .description(
        "changes that closed an issue, from local clones or GitHub; what did not is listed with the reason",
      ),
  ).action(
    act(
      async () => (await import("./commands/curate-mine.ts")).curateMine,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withRows(
    curate
      .command("split <folder>")
      .description("mined changes, or rows, become fix, hidden tests and texts; what cannot is listed")
      .option("--repos <folder>", "clones of the repositories (default: those that were mined)"),
  ).action(
    act(
      async () => (await import("./commands/curate-split.ts")).curateSplit,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withPlans(
    withRuns(
      curate
        .command("environment <folder>")
        .description("find a plan that works on each row's base commit, tried in sandboxes, cheapest first"),
    ),
  ).action(
    act(
      async () => (await import("./commands/curate-environment.ts")).curateEnvironment,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withRuns(
    curate
      .command("workflows <folder>")
      .description(
        "run the repositories' own workflow jobs, and set them beside how they ended at their host",
      ),
  )
    .option("--most-jobs <n>", "of one row; legs that do the same are one", integer, 6)
    .action(
      act(
        async () => (await import("./commands/curate-workflows.ts")).curateWorkflows,
        (folder, options) => merged({ folder }, options),
      ),
    );
  withRepeats(
    withRuns(
      curate
        .command("validate <folder>")
        .description(
          "base and gold, with and without hidden tests, run again and again: what is stable is kept",
        ),
    ),
  ).action(
    act(
      async () => (await import("./commands/curate-validate.ts")).curateValidate,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withRuns(
    curate
      .command("audit <folder>")
      .description("what gives the answer away, repeats another row, steers a model or leaks a secret"),
  ).action(
    act(
      async () => (await import("./commands/curate-audit.ts")).curateAudit,
      (folder, options) => merged({ folder }, options),
    ),
  );
  curate
    .command("judge <folder>")
    .description(
      "clarity and difficulty of audited rows: what their texts show, and what a model says of them",
    )
    .option("--model <file#id>", "a contestant of a file, asked about each issue (default: nobody is asked)")
    .option("--budget <usd>", "over all runs on this folder", amount)
    .option("--attempts <n>", "answers to one issue until one can be read", integer, 3)
    .option("--least-clarity <n>", "rows below it are put aside: 0 to 3", amount, 0)
    .option("--only <ids>", "ids of rows, comma separated: the others stay as an earlier run left them")
    .option("--workers <n>", "rows at once", integer, 4)
    .action(
      act(
        async () => (await import("./commands/curate-judge.ts")).curateJudge,
        (folder, options) => merged({ folder }, options),
      ),
    );
  const annotate = curate
    .command("annotate")
    .description(
      "people rate clarity and difficulty: rows are dealt, looked at, and what was said takes effect",
    );
  annotate
    .command("deal <folder>")
    .description("every row to so many annotators, all with about as many")
    .requiredOption("--to <names>", "annotators, comma separated")
    .option("--each <n>", "annotators a row", integer, 2)
    .option("--seed <text>", "who gets what is drawn from it", "annotate")
    .action(
      act(
        async () => (await import("./commands/curate-annotate.ts")).annotateDeal,
        (folder, options) => merged({ folder }, options),
      ),
    );
  annotate
    .command("form <folder>")
    .description("your rows one by one in this terminal; each answer is kept at once")
    .requiredOption("--as <name>", "who you are")
    .action(
      act(
        async () => (await import("./commands/curate-annotate.ts")).annotateForm,
        (folder, options) => merged({ folder }, options),
      ),
    );
  annotate
    .command("merge <folder>")
    .description("how far annotators agree, and their medians in the place of what was judged")
    .option("--least-clarity <n>", "rows below it are put aside: 0 to 3", amount, 0)
    .action(
      act(
        async () => (await import("./commands/curate-annotate.ts")).annotateMerge,
        (folder, options) => merged({ folder }, options),
      ),
    );
  withChoice(
    withSet(
      curate
        .command("freeze <folder>")
        .description(
          "write what was kept as a set, chosen by dates, licences and quotas, with datasheet and attributions",
        )
        .requiredOption("--out <folder>", "the set folder to write"),
    ),
  )
    .option("--repos <folder>", "clones of the repositories (default: those that were mined)")
    .option("--seed <text>", "what quotas draw from", "curate")
    .action(
      act(
        async () => (await import("./commands/curate-freeze.ts")).curateFreeze,
        (folder, options) => merged({ folder }, options),
      ),
    );
  withChoice(withSet(withRepeats(withPlans(withRuns(withRows(withSources(curate.command("all <folder>"))))))))
    .description("every stage after the other, from what is named here or listed in the folder to a set")
    .requiredOption("--out <folder>", "the set folder to write")
    .action(
      act(
        async () => (await import("./commands/curate-all.ts")).curateAll,
        (folder, options) => merged({ folder }, options),
      ),
    );
  withSet(withRepeats(withPlans(withRuns(curate.command("add <folder>")))))
    .description("one change of a repository of yours, by two commits, through every stage")
    .requiredOption("--clone <folder>", "the repository, or owner/name=folder")
    .requiredOption("--fix <commit>", "the commit that holds the fix and its tests")
    .option("--base <commit>", "where the fix began (default: its first parent)")
    .option("--issue <file>", "the problem in your words, its title first (default: the change's messages)")
    .option("--out <folder>", "write the set too, of all that the folder holds")
    .action(
      act(
        async () => (await import("./commands/curate-add.ts")).curateAdd,
        (folder, options) => merged({ folder }, options),
      ),
    );
}

function withSources(command: Command): Command {
  return command
    .option("--from-clone <places...>", "clones to mine: a folder, or owner/name=folder")
    .option("--issues-json <file>", "issues as GitHub's REST list has them: a JSON array, or JSONL")
    .option(
      "--messages <use>",
      "a change's message stands for its issue: never, linked (its issue is not at hand), any",
      "never",
    )
    .option("--host <name>", "whose URLs name issues (default: github.com)")
    .option("--github <repos...>", "owner/name of repositories whose merged pull requests are mined")
    .option("--github-api <url>", "https://<host>/api/v3 of an Enterprise server (default: api.github.com)")
    .option("--opened-since <day>", "no pull requests that were opened before: 2025-01-31")
    .option(
      "--search-languages <names>",
      "search for repositories: languages as GitHub names them, comma separated",
    )
    .option("--search-stars <n>", "found ones have at least so many", integer, 100)
    .option("--search-licences <ids>", "SPDX ids, comma separated, any of them")
    .option("--search-active-since <day>", "pushed to since then")
    .option("--search-workflows", "only with active GitHub workflows")
    .option("--search-most <n>", "repositories of each language, those with the most stars", integer, 10)
    .option("--refresh", "GitHub as it is now, not as it was when this folder first asked");
}

function withRows(command: Command): Command {
  return command
    .option("--rows <file>", "rows to take instead of mined changes, JSONL or a JSON array")
    .option("--from <format>", "swingarena, swe-bench or multi-swe-bench")
    .option("--languages <names>", "of mined changes only those: cpp, go, python, rust, comma separated")
    .option(
      "--clone-base <address>",
      "where repositories of mined pull requests are cloned from: <address>/owner/name.git (default: their host)",
    );
}

/** For stages that have trees run. */
function withRuns(command: Command): Command {
  return withSandbox(command)
    .option("--only <ids>", "ids of rows, comma separated: the others stay as an earlier run left them")
    .option("--workers <n>", "rows at once", integer, 2);
}

function withPlans(command: Command): Command {
  return command.option("--from-workflow", "only the repository's own workflow jobs");
}

function withRepeats(command: Command): Command {
  return command
    .option("--repeats <n>", "runs of each state", integer, 5)
    .option("--seed <text>", "what repeats differ in, mutants, and quotas are drawn from it", "curate")
    .option(
      "--panel <n>",
      "hidden candidates to label: mutants of gold, and answers, each at most",
      integer,
      0,
    )
    .option("--answers <runs>", "run folders whose submissions are tried for the panel, comma separated");
}

function withSet(command: Command): Command {
  return command
    .option("--name <name>", "name of the set (default: that of its folder)")
    .option("--set-version <version>", "a released one never changes", "1")
    .option(
      "--licences <rule>",
      "any, known, permissive (Blue Oak Council's list), or SPDX ids, comma separated",
      "any",
    );
}

const oneMore = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Which of the rows that are left a set holds. */
function withChoice(command: Command): Command {
  return command
    .option(
      "--quota <quota>",
      "at most so many of a language, or of one difficulty in it: python=50, python:hard=10; may be repeated",
      oneMore,
    )
    .option("--quotas <file>", "the same as YAML: `python: 50`, `python:hard: 10`")
    .option("--after <date>", "rows from this day on (UTC)")
    .option("--before <date>", "rows from before this day (UTC)")
    .option("--cut-off <date>", "rows are labelled as before or after it (default: --after, or --before)")
    .option("--date-of <event>", "issue or merge: whose date counts (default: issue)");
}
