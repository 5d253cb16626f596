// The server under measurement, in a process of its own: one engine, the upstream, behind it.
import { randomUUID } from "node:crypto";
import type { Backend } from "../../src/inference/a1/backend.ts";
import { serveBackend } from "../../src/inference/a1/server/serve.ts";
import { defaultServerSettings } from "../../src/inference/a1/server/settings.ts";
import { systemClock } from "../../src/inference/index.ts";
import { httpEngine } from "./http-engine.ts";
import { answerParent } from "./process.ts";

const engine = httpEngine(Number(process.argv[2]));
const backend: Backend = {
  engines: { draft: engine, target: engine },
  ask: () => Promise.reject(new Error("the benchmark asks the engine alone")),
  load: () => ({ questions: 0, lanes: [] }),
  interventions: () => ({ kinds: new Map(), alarms: 0 }),
  close: () => engine.close(),
};

const limits = { ...defaultServerSettings.limits, running: 4096, connections: 8192 };
const answers = { ...defaultServerSettings.answers, mostTokens: 10_000_000 };
const settings = { ...defaultServerSettings, port: 0, limits, answers };
const deps = {
  clock: systemClock,
  note: (line: string) => void process.stderr.write(`${line}\n`),
  newId: () => randomUUID().replaceAll("-", ""),
};
const { address } = await serveBackend(backend, settings, deps);
answerParent({ port: Number(new URL(address).port) }, () => Promise.resolve({}));
