// `arena a1 simulate`: what schedules, rates and machines come to on recorded or synthetic samples, in virtual time.
import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { UsageError } from "../../domain/fault.ts";
import {
  type SimulateOptions,
  simulate,
  simulatedMachines,
  simulatedPairs,
  simulationText,
} from "../../inference/index.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";

export interface A1SimulateOptions {
  readonly traces?: string;
  readonly samples?: string;
  readonly run?: string;
  readonly model: string;
  readonly pair: string;
  readonly gpu: string;
  readonly rate: number;
  readonly concurrency?: string;
  readonly headline?: number;
}

function keyOf<T extends object>(names: T, written: string, option: string): keyof T {
  if (isKey(names, written)) return written;
  throw new UsageError(`${option}: expected one of ${Object.keys(names).join(", ")}, found "${written}"`);
}

function isKey<T extends object>(names: T, written: PropertyKey): written is keyof T {
  return Object.hasOwn(names, written);
}

const models = { reference: true, detailed: true } as const;

function numbersIn(list: string): number[] {
  return list.split(",").map((written) => {
    const value = Number(written);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--concurrency: expected whole numbers from 1 with commas, found "${written}"`);
    return value;
  });
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read ${path}`, { cause });
  });
}

export async function a1Simulate(
  options: A1SimulateOptions,
  { out, signal }: CommandContext,
): Promise<ExitCode> {
  const { traces, samples, run, concurrency, headline, rate } = options;
  if (rate > 1) throw new UsageError(`--rate: expected a share from 0 to 1, found ${rate}`);
  if (samples !== undefined && traces === undefined)
    throw new UsageError("--samples: expected --traces too: answers are those of recorded samples");
  const asked: SimulateOptions = {
    ...(traces === undefined ? {} : { traces: await textOf(traces) }),
    ...(samples === undefined ? {} : { samples: await textOf(samples) }),
    ...(run === undefined ? {} : { run }),
    ...(concurrency === undefined ? {} : { concurrency: numbersIn(concurrency) }),
    ...(headline === undefined ? {} : { headline }),
    model: keyOf(models, options.model, "--model"),
    pair: keyOf(simulatedPairs, options.pair, "--pair"),
    gpu: keyOf(simulatedMachines, options.gpu, "--gpu"),
    rate,
    onProgress: async ({ done, of, name }) => {
      out.progress(`${done} of ${of}: ${name}`);
      await nextTurn();
      signal.throwIfAborted();
    },
  };
  try {
    const report = await simulate(asked);
    out.result(report, () => simulationText(report));
    return exitCodes.done;
  } catch (error) {
    // What a person gave it that is no table of traces, or contradicts itself.
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
