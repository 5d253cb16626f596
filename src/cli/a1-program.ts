// The commands below `arena a1`: the pair served, measured, calibrated, and simulated.
import type { Command } from "commander";
import { amount, integer } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addA1(arena: Command, { act, merged }: ProgramTools): void {
  const a1 = arena
    .command("a1")
    .description("two models as one: a small one drafts, a large one scores and takes over what looks bad");
  a1.command("serve <pair>")
    .description("a pair (docs/a1.md) behind OpenAI's protocol, until Ctrl-C or SIGTERM")
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--port <n>", "0 for any that is free", (text) => Number(text), 8080)
    .option("--key-env <name>", "variable that holds the key clients must send; several with commas")
    .option("--allow-keyless", "serve beyond this machine without a key")
    .option("--running <n>", "requests at work at once", integer)
    .option("--ledger <file>", "every decision, and what to go on from after a crash")
    .action(
      act(
        async () => (await import("./commands/a1-serve.ts")).a1Serve,
        (pair, options) => merged({ pair }, options),
      ),
    );
  a1.command("bench <pair>")
    .description("a pair against its models alone, chance and lockstep, on the same questions")
    .requiredOption(
      "--dataset <jsonl>",
      "questions with answers: MATH, AMC, AIME, GSM8K shapes, multiple choice",
    )
    .option(
      "--arms <list>",
      "of a1, draft, target, random, turn-sync, scored",
      "a1,draft,target,random,turn-sync",
    )
    .option("--samples <n>", "candidates of a question (default: the pair's)", integer)
    .option("--questions <n>", "the first so many", integer)
    .option("--max-tokens <n>", "of one candidate", integer, 8192)
    .option("--stop <rule>", "all, first, decided, beta or agree-<n>", "all")
    .option("--at-once <n>", "questions at once", integer, 16)
    .option("--resamples <n>", "resamples of the intervals", integer, 2000)
    .option("--seed <text>", "choices and intervals are drawn from it", "a1")
    .option("--bare", "ask the problem alone, without instructions")
    .option("--score-answers", "drafts that hold an answer are scored too")
    .option("--ledger <file>", "everything of the arm a1, and what to go on from after a crash")
    .action(
      act(
        async () => (await import("./commands/a1-bench.ts")).a1Bench,
        (pair, options) => merged({ pair }, options),
      ),
    );
  a1.command("calibrate <pair>")
    .description("what a pair's scores know, and a score learned from answers")
    .requiredOption("--dataset <jsonl>", "questions with answers, others than those it will be measured on")
    .option("--samples <n>", "drafts of a question", integer, 8)
    .option("--questions <n>", "the first so many", integer)
    .option("--max-tokens <n>", "of one draft", integer, 8192)
    .option("--at-once <n>", "questions at once", integer, 16)
    .option("--resamples <n>", "resamples of the intervals", integer, 2000)
    .option("--seed <text>", "choices and intervals are drawn from it", "a1")
    .option("--bare", "ask the problem alone, without instructions")
    .option("--out <file>", "where to write it: the pair's `learned` may name this file")
    .action(
      act(
        async () => (await import("./commands/a1-calibrate.ts")).a1Calibrate,
        (pair, options) => merged({ pair }, options),
      ),
    );
  a1.command("simulate")
    .description(
      "schedules, intervention rates and machines in virtual time, on recorded samples or made ones",
    )
    .option("--traces <csv>", "recorded chunks: run, question, sample, turn, ppl, rejected, lengths")
    .option("--samples <csv>", "what recorded samples answered: without it no question stops early")
    .option("--run <name>", "which run of the table")
    .option(
      "--model <name>",
      "reference, or detailed: cache limits, eviction, prefills that hold up steps",
      "reference",
    )
    .option("--pair <name>", "8b-32b or 1.5b-70b", "8b-32b")
    .option("--gpu <name>", "h200, h100 or a100", "h200")
    .option("--rate <share>", "share of drafts that go to the target", amount, 0.4)
    .option("--concurrency <list>", "samples at once, of the curves")
    .option("--headline <n>", "where pipelines are compared (default: 256)", integer)
    .action(
      act(
        async () => (await import("./commands/a1-simulate.ts")).a1Simulate,
        (options) => merged({}, options),
      ),
    );
}
