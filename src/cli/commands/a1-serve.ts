// `arena a1 serve`: a pair behind OpenAI's protocol, until it is told to end.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { UsageError } from "../../domain/fault.ts";
import {
  decidingOf,
  defaultServerSettings,
  fingerprintOf,
  openConfiguredPair,
  openLedger,
  serveBackend,
  systemClock,
} from "../../inference/index.ts";
import { pairDeps, serverKeys } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { readPair } from "../pair-file.ts";

export interface A1ServeOptions {
  readonly pair: string;
  readonly host: string;
  readonly port: number;
  readonly keyEnv?: string;
  readonly allowKeyless?: boolean;
  readonly running?: number;
  readonly ledger?: string;
}

/** @throws UsageError for a pair's file that is wrong, ServeFault for an address that cannot be had */
export async function a1Serve(options: A1ServeOptions, context: CommandContext): Promise<ExitCode> {
  const { out, signal } = context;
  const configuration = await readPair(options.pair);
  const keys = options.keyEnv === undefined ? [] : serverKeys(options.keyEnv);
  if (options.keyEnv !== undefined && keys.length === 0)
    throw new UsageError(`expected the key that clients must send in ${options.keyEnv}, which is not set`);
  const { limits, answers } = defaultServerSettings;
  const { samples, temperature } = configuration;
  const settings = {
    ...defaultServerSettings,
    ...{ host: options.host, port: options.port, keys, allowKeyless: options.allowKeyless === true },
    limits: { ...limits, ...(options.running === undefined ? {} : { running: options.running }) },
    answers: {
      ...{ ...answers, samples, temperature },
      mostSamples: Math.max(answers.mostSamples, samples),
    },
  };
  const ledger =
    options.ledger === undefined
      ? undefined
      : openLedger(options.ledger, fingerprintOf(decidingOf(configuration)), systemClock);
  try {
    const backend = await openConfiguredPair(configuration, {
      ...pairDeps(context),
      // Each request is a new question, whoever sends it again.
      asksOnce: true,
      ...(ledger === undefined ? {} : { ledger, before: ledger.before }),
    });
    try {
      const served = await serveBackend(backend, settings, {
        ...{ clock: systemClock, note: out.note, newId: () => randomUUID().replaceAll("-", "") },
      });
      out.note(`serving ${settings.names.pair} at ${served.address}/v1 (Ctrl-C or SIGTERM ends it)`);
      if (!signal.aborted) await once(signal, "abort");
      out.note("draining: what runs may end, nothing new begins");
      await served.close();
    } finally {
      await backend.close();
    }
  } finally {
    ledger?.close();
  }
  out.result({ schemaVersion: 1, ended: true }, () => "ended");
  return exitCodes.done;
}
