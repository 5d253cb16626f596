// Real draft and target scores where ARENA_A1_DATA names their folder: never part of this repository.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { TracedSample } from "../../src/inference/a1/simulation/trace.ts";
import { readTraces } from "../../src/inference/a1/simulation/traces-file.ts";

export interface TraceRow {
  readonly question: string;
  readonly sample: number;
  readonly turn: number;
  /** Mean negative log-likelihood of the chunk under the target, in nats a token. */
  readonly nll: number;
  readonly draftCharacters: number;
  /** Zero where the target wrote nothing. */
  readonly targetCharacters: number;
  readonly isRejected: boolean;
  readonly hasAnswer: boolean;
}

interface A1Data {
  /** Perplexities, questions one after the other. */
  calibration(name: string): readonly number[];
  /** Scored chunks of a run, in the order of questions, turns, samples. */
  traces(run: string): readonly TraceRow[];
}

function openData(folder: string): A1Data {
  const banks = z.record(z.string(), z.object({ ppl: z.array(z.array(z.number())) }));
  const calibration = banks.parse(JSON.parse(readFileSync(join(folder, "calibration_ppl.json"), "utf8")));
  const [head = "", ...lines] = readFileSync(join(folder, "traces.csv"), "utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  const rows = lines.map((line) => {
    const cells = line.split(",");
    const cell = (name: string): string => cells[names.indexOf(name)] ?? "";
    return {
      ...{ run: cell("run"), question: cell("question"), ppl: cell("ppl") },
      ...{ sample: Number(cell("sample")), turn: Number(cell("turn")), nll: Math.log(Number(cell("ppl"))) },
      ...{ draftCharacters: Number(cell("draft_chars")), targetCharacters: Number(cell("target_chars")) },
      ...{ isRejected: cell("rejected") === "1", hasAnswer: cell("draft_boxed") === "1" },
    };
  });
  return {
    calibration: (name) => (calibration[name]?.ppl ?? []).flat(),
    traces: (run) =>
      rows
        .filter((row) => row.run === run && row.ppl !== "")
        .sort(
          (one, other) =>
            Number(one.question) - Number(other.question) ||
            one.turn - other.turn ||
            one.sample - other.sample,
        ),
  };
}

const { ARENA_A1_DATA: folder } = process.env;

/** Undefined where there is none at hand. */
export const tracesOf: A1Data | undefined = folder === undefined ? undefined : openData(folder);

/** The two tables as they lie there. */
export const recordedTables: { readonly traces: string; readonly samples: string } | undefined =
  folder === undefined
    ? undefined
    : {
        traces: readFileSync(join(folder, "traces.csv"), "utf8"),
        samples: readFileSync(join(folder, "samples.csv"), "utf8"),
      };

/** Samples of a run with the classes of their answers; undefined where there are none at hand. */
export const recordedSamples: ((run: string) => readonly TracedSample[]) | undefined =
  recordedTables === undefined
    ? undefined
    : (run) => (recordedTables === undefined ? [] : (readTraces(recordedTables).runs.get(run) ?? []));
