// A draft and a target that were really trained, by the in-process engine: the pair is better than its draft, faster than lockstep, and goes on after kill -9.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLedger } from "../../src/inference/a1/ledger-file.ts";
import { arenaProcess } from "../support/command-line.ts";
import {
  armIn,
  benchArguments,
  gainIn,
  type PairReport,
  pairBench,
  secondsIn,
} from "../support/pair-bench.ts";
import { root } from "../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-a1-pair-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a trained pair", () => {
  let report: PairReport;
  beforeAll(async () => {
    report = await pairBench(
      "--questions",
      "120",
      "--samples",
      "4",
      "--arms",
      "a1,draft,target,random,scored",
    );
  });

  it("answers as well as its target, where its draft does not", () => {
    expect(gainIn(report, "draft", "pass1").low).toBeGreaterThan(0);
    const [target, draft] = [armIn(report, "target").pass1.value, armIn(report, "draft").pass1.value];
    const pair = armIn(report, "a1").pass1.value;
    // Most of the way from the one to the other; the margin of two points is for a thousand questions (test/full).
    expect(pair - draft).toBeGreaterThan(0.7 * (target - draft));
  });

  it("hands over what is wrong, which chance at the same rate does not", () => {
    expect(gainIn(report, "random", "pass1").low).toBeGreaterThan(0);
    const [pair, random] = [armIn(report, "a1"), armIn(report, "random")];
    expect(pair.interventionRate).toBeCloseTo(random.interventionRate ?? 0, 1);
    expect(pair).toMatchObject({ unchecked: 0, failed: [] });
  });

  // Of the arm `scored`: where the pair has mended what its score found bad, the score is of a text that is gone.
  it("has a score that tells wrong candidates of one question from right ones", () => {
    const chosen = report.scores.find(({ score, over }) => score === "worst-window" && over === "worst");
    expect(chosen?.within?.low).toBeGreaterThan(0.5);
  });

  it("is faster without barriers than in step, at equal concurrency on the virtual clock", () => {
    const { async: free = 0, turnSync = 0 } = report.virtual?.makespanSeconds ?? {};
    expect(turnSync).toBeGreaterThan(free);
    expect(secondsIn(report, "decided").async).toBeLessThan(secondsIn(report, "all").turnSync);
  });
});

describe("a bench that was killed", () => {
  const ask = (ledger: string) =>
    benchArguments(["--questions", "12", "--samples", "4", "--arms", "a1", "--ledger", ledger, "--json"]);
  const lines = (path: string): number => {
    try {
      return readFileSync(path, "utf8").split("\n").length - 1;
    } catch {
      return 0;
    }
  };

  it("goes on from its ledger: every call and decision is made once, and every question answered", async () => {
    const [whole, cut] = [join(folder, "whole.jsonl"), join(folder, "cut.jsonl")];
    const undisturbed = await arenaProcess(ask(whole), { cwd: root, env: {} });
    expect(undisturbed.code, undisturbed.stderr).toBe(0);
    const child = spawn(process.execPath, [join(root, "bin", "arena.mjs"), ...ask(cut)], { stdio: "ignore" });
    const ended = once(child, "close");
    while (child.exitCode === null && lines(cut) < lines(whole) / 3) await sleep(5);
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    const resumed = await arenaProcess(ask(cut), { cwd: root, env: {} });
    expect(resumed.code, resumed.stderr).toBe(0);

    const events = [...readLedger(cut)];
    expect(events.filter(({ kind }) => kind === "run")).toHaveLength(2);
    const calls = events.flatMap((event) =>
      event.kind === "call" ? [JSON.stringify([event.role, event.key])] : [],
    );
    expect(new Set(calls).size).toBe(calls.length);
    const decided = events.flatMap((event) => (event.kind === "decided" ? [JSON.stringify(event.key)] : []));
    expect(new Set(decided).size).toBe(decided.length);
    expect(calls.length).toBeGreaterThan(
      0.5 * [...readLedger(whole)].filter(({ kind }) => kind === "call").length,
    );
    const answered = new Set(events.flatMap((event) => (event.kind === "answered" ? [event.question] : [])));
    expect(answered.size).toBe(12);
  });
});
