// The server under measurement, in a process of its own: a real pair, both of whose engines are the upstream behind the
// adapter for OpenAI's protocol, with the lanes, retries and decisions that any pair has.
import { randomUUID } from "node:crypto";
import { pairConfigurationSchema } from "../../src/inference/a1/configuration.ts";
import { defaultServerSettings } from "../../src/inference/a1/server/settings.ts";
import { openAnyEngine, openConfiguredPair, serveBackend, systemClock } from "../../src/inference/index.ts";
import { answerParent } from "./process.ts";

const [, , port, chunkTokens] = process.argv;
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const never = new AbortController().signal;
const engine = { kind: "openai", baseUrl: `http://127.0.0.1:${port}/v1`, maxConcurrent: 8192 };

/** Chance hands drafts over and the target goes on behind them: both engines write, and all that is written is read. */
const configuration = pairConfigurationSchema.parse({
  ...{ draft: { ...engine, model: "draft" }, target: { ...engine, model: "target" } },
  ...{ samples: 1, score: "random", interventionRate: 0.3, onIntervention: "continue", turns: 1000 },
  ...{ draftTokens: Number(chunkTokens), takeoverTokens: Number(chunkTokens) },
});

const engineDeps = { clock: systemClock, uniqueId: randomUUID, apiKeyOf: () => undefined };
const backend = await openConfiguredPair(configuration, {
  openEngine: (spec) => openAnyEngine(spec, engineDeps, never),
  ...{ clock: systemClock, random: { next: Math.random }, note },
});

const limits = { ...defaultServerSettings.limits, running: 4096, connections: 8192 };
const answers = { ...defaultServerSettings.answers, mostTokens: 10_000_000 };
const { address } = await serveBackend(
  backend,
  { ...defaultServerSettings, port: 0, limits, answers },
  { clock: systemClock, note, newId: () => randomUUID().replaceAll("-", "") },
);
answerParent({ port: Number(new URL(address).port) }, () => Promise.resolve(backend.load()));
