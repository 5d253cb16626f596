// The readers: so many streams at once, each asking again when its answer is whole, counting what comes and how late.
import { Agent, type ClientRequest, request as httpRequest } from "node:http";
import { z } from "zod";
import { answerParent, microseconds } from "./process.ts";
import { ageUs } from "./stamp.ts";

const agent = new Agent({ keepAlive: true, maxFreeSockets: 4096 });
const mark = '"content":" ';

interface Reading {
  readonly port: number;
  readonly tokens: number;
  /** Of our server: asked in turn. */
  readonly models: readonly string[];
}

interface Counts {
  tokens: number;
  answers: number;
  failures: number;
  /** Microseconds from the upstream's writing to our reading, and from a question to its first token. */
  latencies: number[];
  firsts: number[];
}

let counts: Counts = { tokens: 0, answers: 0, failures: 0, latencies: [], firsts: [] };
let reading: Reading | undefined;
const open = new Set<ClientRequest>();

/** Every tenth token's lateness is kept: enough for a quantile, little beside the reading. */
const keptShare = 10;

/** Pieces that were joined on their way hold several. */
function take(text: string, nowUs: number): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at)) {
    const end = text.indexOf('"', at + mark.length);
    at += mark.length - 1;
    while (at >= 0 && at < end) {
      found += 1;
      counts.tokens += 1;
      if (counts.tokens % keptShare === 0) counts.latencies.push(ageUs(text, at, nowUs));
      at = text.indexOf(" ", at + 1);
    }
    if (at < 0) break;
  }
  return found;
}

let questions = 0;

/** Half to one and a half times as long as said, or all would end and begin at once. */
function lengthOf(mean: number): number {
  questions += 1;
  return Math.max(1, Math.round(mean * (0.5 + ((questions * 7919) % 1000) / 1000)));
}

/** Up to the end of the last whole event; the rest comes again with the next packet. */
function ask(): void {
  if (reading === undefined) return;
  const { port, models } = reading;
  const tokens = lengthOf(reading.tokens);
  const body = JSON.stringify({
    ...{ model: models[questions % models.length], messages: [{ role: "user", content: "hello" }] },
    ...{ max_tokens: tokens, stream: true },
  });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const where = { host: "127.0.0.1", port, path: "/v1/chat/completions", method: "POST" };
  const askedUs = microseconds();
  const outgoing = httpRequest({ ...where, agent, headers });
  open.add(outgoing);
  let rest = "";
  let seen = 0;
  let isWhole = false;
  outgoing.on("response", (response) => {
    response.setEncoding("latin1");
    response.on("data", (piece: string) => {
      const nowUs = microseconds();
      const text = rest + piece;
      const end = text.lastIndexOf("\n\n") + 2;
      if (end < 2) {
        rest = text;
        return;
      }
      rest = end === text.length ? "" : text.slice(end);
      const found = take(rest === "" ? text : text.slice(0, end), nowUs);
      if (seen === 0 && found > 0) counts.firsts.push(nowUs - askedUs);
      seen += found;
    });
    response.on("end", () => {
      isWhole = seen === tokens;
    });
    response.on("error", () => undefined);
  });
  outgoing.on("error", () => undefined);
  outgoing.on("close", () => {
    open.delete(outgoing);
    if (reading === undefined) return;
    if (isWhole) counts.answers += 1;
    else counts.failures += 1;
    ask();
  });
  outgoing.end(body);
}

const commands = z.discriminatedUnion("do", [
  z.object({
    ...{ do: z.literal("start"), port: z.number(), streams: z.number(), tokens: z.number() },
    models: z.array(z.string()).min(1),
  }),
  z.object({ do: z.literal("count") }),
  z.object({ do: z.literal("vanish") }),
]);

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

function told(values: readonly number[]) {
  const sorted = Float64Array.from(values).sort();
  const all = [...sorted];
  return { count: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
}

answerParent(null, async (message) => {
  const command = commands.parse(message);
  if (command.do === "start") {
    const { streams, ...what } = command;
    reading = what;
    for (let at = 0; at < streams; at += 1) ask();
  }
  if (command.do === "vanish") {
    reading = undefined;
    for (const outgoing of open) outgoing.destroy();
  }
  const { tokens, answers, failures, latencies, firsts } = counts;
  counts = { tokens: 0, answers: 0, failures: 0, latencies: [], firsts: [] };
  const isRunning = open.size;
  return { tokens, answers, failures, open: isRunning, latency: told(latencies), first: told(firsts) };
});
