// What the server tells Prometheus: requests, latencies, tokens by author, lanes, and what the calibrator does.
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Backend } from "../backend.ts";
import type { Reply } from "./replies.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export interface Visited {
  readonly route: string;
  /** As answered; 499 where the client had gone. */
  readonly status: number;
  readonly durationMs: number;
}

export interface Metrics {
  readonly contentType: string;
  visited(visited: Visited): void;
  firstText(model: string, afterMs: number): void;
  answered(replies: readonly Reply[]): void;
  /** As Prometheus reads it. */
  text(): Promise<string>;
}

function setLanes(
  gauge: Gauge<"lane" | "what">,
  lanes: Readonly<Record<string, { limit: number; running: number; queued: number }>>,
): void {
  for (const [lane, { limit, running, queued }] of Object.entries(lanes)) {
    for (const [what, value] of Object.entries({ limit, running, queued })) gauge.set({ lane, what }, value);
  }
}

/** Of a registry of its own: two servers in one process do not meet in it. */
export function metricsFor(
  backend: Backend,
  admission: () => { limit: number; running: number; queued: number },
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    ...{ name: "a1_requests_total", help: "Requests by route and status.", registers },
    labelNames: ["route", "status"],
  });
  const durations = new Histogram({
    ...{ name: "a1_request_seconds", help: "From headers to the end of the answer.", registers },
    ...{ labelNames: ["route"], buckets: seconds },
  });
  const firstTexts = new Histogram({
    ...{ name: "a1_first_text_seconds", help: "Until a streamed answer's first text.", registers },
    ...{ labelNames: ["model"], buckets: seconds },
  });
  const tokens = new Counter({
    ...{ name: "a1_tokens_total", help: "Tokens written, by author.", registers },
    labelNames: ["author"],
  });
  const read = new Counter({
    ...{ name: "a1_read_tokens_total", help: "Tokens read, by purpose.", registers },
    labelNames: ["purpose"],
  });
  const unscored = new Counter({
    ...{
      name: "a1_unscored_chunks_total",
      help: "Chunks without the score they should have, by why.",
      registers,
    },
    labelNames: ["code"],
  });
  const lanes = new Gauge({
    ...{ name: "a1_lane_requests", help: "Limit, running and queued, by lane.", registers },
    labelNames: ["lane", "what"],
  });
  const questions = new Gauge({ name: "a1_questions", help: "Questions under way.", registers });
  const rates = new Gauge({
    ...{ name: "a1_intervention_rate", help: "Share of drafts handed over, by kind.", registers },
    labelNames: ["kind"],
  });
  const decisions = new Gauge({
    ...{ name: "a1_decisions", help: "Decisions about drafts, by kind.", registers },
    labelNames: ["kind"],
  });
  const alarms = new Gauge({ name: "a1_drift_alarms", help: "Times drafts were found changed.", registers });

  const look = (): void => {
    const load = backend.load();
    questions.set(load.questions);
    setLanes(lanes, Object.fromEntries(load.lanes.map(({ name, ...lane }) => [name, lane])));
    setLanes(lanes, { server: admission() });
    const { kinds, alarms: rung } = backend.interventions();
    alarms.set(rung);
    for (const [kind, { rate, decisions: made }] of kinds) {
      decisions.set({ kind }, made);
      if (rate !== undefined) rates.set({ kind }, rate);
    }
  };

  return {
    contentType: registry.contentType,
    visited: ({ route, status, durationMs }) => {
      requests.inc({ route, status });
      durations.observe({ route }, durationMs / 1000);
    },
    firstText: (model, afterMs) => firstTexts.observe({ model }, afterMs / 1000),
    answered: (replies) => {
      for (const { draftTokens, targetTokens, scoredTokens, promptTokens, a1 } of replies) {
        for (const [code, count = 0] of Object.entries(a1?.unscored ?? {})) unscored.inc({ code }, count);
        tokens.inc({ author: "draft" }, draftTokens);
        tokens.inc({ author: "target" }, targetTokens);
        read.inc({ purpose: "prompt" }, promptTokens);
        read.inc({ purpose: "score" }, scoredTokens);
      }
    },
    text: () => {
      look();
      return registry.metrics();
    },
  };
}
