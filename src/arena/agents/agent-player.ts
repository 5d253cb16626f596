// A contestant that is an agent: run until it leaves something usable, never run twice for one answer.
import { createHash } from "node:crypto";
import { z } from "zod";
import { isFault } from "../../domain/fault.ts";
import { type Reason, reasonCodes } from "../../domain/record.ts";
import type { CallFinish, CallKey, RoleUsage, RunStore } from "../../domain/run.ts";
import { maxPatchBytes } from "../candidate.ts";
import type { Evidence } from "../evidence.ts";
import { answered, hasAnswered } from "../model-player.ts";
import type { Answered, Player, ReviewAnswer, ReviewAsk, SubmitAnswer, SubmitAsk } from "../player.ts";
import type { PromptTemplates } from "../prompts.ts";
import { faultOfEndpoint } from "../run-ending.ts";
import { worstCall } from "../spent.ts";
import { usageOf } from "../usage.ts";
import { type AgentRun, type AgentRunDeps, type AgentTraffic, runAgent } from "./run.ts";
import { type AgentAsk, type Retry, taskFiles } from "./task.ts";
import type { AgentSetup, Workplaces } from "./workplace.ts";

export interface AgentPlayerDeps extends AgentSetup {
  readonly run: Omit<AgentRunDeps, "contestant">;
  readonly workplaces: Workplaces;
  readonly templates: PromptTemplates;
  readonly store: RunStore;
  readonly evidence: Evidence;
}

/** What is kept of a run as its answer: enough to go on by, whatever became of the machine. */
const keptSchema = z.union([
  z.object({ kind: z.literal("left"), diff: z.string() }),
  z.object({
    kind: z.literal("unusable"),
    reason: z.object({ code: z.enum(reasonCodes), detail: z.string() }),
  }),
]);
type Kept = z.infer<typeof keptSchema>;

function keptOf({ leavings }: AgentRun): Kept {
  if (leavings.kind === "unusable") return leavings;
  if (Buffer.byteLength(leavings.diff) <= maxPatchBytes) return { kind: "left", diff: leavings.diff };
  const detail = `a change of more than ${maxPatchBytes} bytes is not taken`;
  return { kind: "unusable", reason: { code: "answer-too-large", detail } };
}

export class AgentPlayer implements Player {
  readonly id: string;
  readonly #deps: AgentPlayerDeps;

  constructor(deps: AgentPlayerDeps) {
    this.id = deps.contestant.id;
    this.#deps = deps;
  }

  async submit(ask: SubmitAsk): Promise<Answered<SubmitAnswer>> {
    const { last, usage } = await this.#attempts({ role: "submitter", ask });
    return { answer: await submissionOf(ask, last), usage, transcript: new Map() };
  }

  async review(ask: ReviewAsk): Promise<Answered<ReviewAnswer>> {
    const { last, usage } = await this.#attempts({ role: "reviewer", ask });
    const answer: ReviewAnswer =
      last.kind === "left" ? { kind: "patch", patch: last.diff, bounded: true } : rejected(last.reason);
    return { answer, usage, transcript: new Map() };
  }

  /** Nothing left is an answer; only what cannot be used at all is asked for again, with the exact error. */
  async #attempts(asked: AgentAsk): Promise<{ readonly last: Kept; readonly usage: RoleUsage }> {
    const finishes: CallFinish[] = [];
    let retry: Retry = { attempt: 1 };
    for (;;) {
      const finish = await this.#answer(asked, retry);
      finishes.push(finish);
      const last = keptSchema.parse(JSON.parse(finish.text));
      if (last.kind === "left" || retry.attempt >= this.#deps.contestant.attempts)
        return { last, usage: usageOf(finishes) };
      retry = { attempt: retry.attempt + 1, problem: last.reason.detail };
    }
  }

  /** What a run left is taken from the store; only one that never ended is run again. */
  async #answer(asked: AgentAsk, retry: Retry): Promise<CallFinish> {
    const { store } = this.#deps;
    const key = { ...asked.ask.call, role: asked.role, attempt: retry.attempt };
    return answered(store.callAt(key)) ?? (await this.#run(asked, retry, key));
  }

  async #run(asked: AgentAsk, retry: Retry, key: CallKey): Promise<CallFinish> {
    const { contestant, run, workplaces, templates, store } = this.#deps;
    const files = taskFiles(asked, { contestant, templates }, retry);
    const recorded = { id: undefined as number | undefined, traffic: undefined as AgentTraffic | undefined };
    const request = {
      ...{ asked, files, seed: seedOf(asked.ask.seed, this.id, key) },
      workplace: await workplaces.of(asked.ask.of, this.#deps),
      onStart: () => {
        recorded.id = this.#begin(key, files);
      },
      onCharged: (spend: { readonly usd: number; readonly tokens: number }) => {
        if (recorded.id !== undefined) store.chargeCall(recorded.id, spend);
      },
    };
    try {
      const ended = await runAgent({ ...run, contestant }, request, (seen) => {
        recorded.traffic = seen;
      });
      return await this.#finish(key, recorded, ended);
    } catch (error) {
      const { id, traffic } = recorded;
      if (id !== undefined && traffic !== undefined) store.finishCall(id, faultOf(traffic, error));
      throw faultOfEndpoint(error, contestant, () => hasAnswered(store, this.id));
    }
  }

  #begin(key: CallKey, files: ReadonlyMap<string, string>): number {
    const { contestant, store } = this.#deps;
    const promptHash = createHash("sha256")
      .update(JSON.stringify([...files]))
      .digest("hex");
    const { usd, tokens } = worstCall(contestant);
    const worst = { worstCaseUsd: usd, worstCaseTokens: tokens };
    return store.beginCall({ ...key, contestant: this.id, promptHash, ...worst });
  }

  /** Evidence first: a run on record has its logs. */
  async #finish(
    key: CallKey,
    { id, traffic }: { readonly id: number | undefined; readonly traffic: AgentTraffic | undefined },
    run: AgentRun,
  ): Promise<CallFinish> {
    if (id === undefined || traffic === undefined) throw new Error("bug: an agent ended that was not begun");
    const kept = keptOf(run);
    await this.#writeEvidence(key, traffic, run);
    const { inputTokens, outputTokens, estimated, usd } = traffic.totals;
    const finish: CallFinish = {
      status:
        kept.kind === "unusable" && kept.reason.code === "answer-too-large" ? "answer-too-large" : "answered",
      text: JSON.stringify(kept),
      ...{ inputTokens, outputTokens, estimated, costUsd: usd, seconds: run.end.wallMs / 1000 },
    };
    this.#deps.store.finishCall(id, finish);
    return finish;
  }

  async #writeEvidence(key: CallKey, { totals, log }: AgentTraffic, run: AgentRun): Promise<void> {
    const { battleId, round, role, attempt } = key;
    const { evidence } = this.#deps;
    const name = (what: string) => `battles/${battleId}/round-${round}/${role}-agent-${attempt}${what}`;
    const { outcome, stdout, stderr, stdoutBytes, stderrBytes, wallMs, cpuMs } = run.end;
    const left = run.leavings;
    await evidence.writeText(name("-stdout.txt"), stdout.toString("utf8"));
    await evidence.writeText(name("-stderr.txt"), stderr.toString("utf8"));
    await evidence.writeText(
      name("-requests.jsonl"),
      log.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
    if (run.trajectory !== "") await evidence.writeText(name("-trajectory.txt"), run.trajectory);
    await evidence.writeJson(name(".json"), {
      ...{ schemaVersion: 1, end: outcome, wallMs, cpuMs, stdoutBytes, stderrBytes, totals },
      ...(left.kind === "unusable"
        ? { unusable: left.reason }
        : { leftOut: Object.fromEntries(left.leftOut) }),
    });
  }
}

const rejected = (reason: Reason) => ({ kind: "rejected", reasons: [reason] }) as const;

/** Our own diff: what a stranger's may not hold (binary changes, links) has its place in it, and is judged by path. */
async function submissionOf({ of }: SubmitAsk, last: Kept): Promise<SubmitAnswer> {
  if (last.kind === "unusable") return rejected(last.reason);
  if (last.diff.trim() === "") return { kind: "patch", patch: "" };
  const applied = await of.repository.apply(of.baseTree, last.diff);
  if (applied.kind === "applied") return { kind: "tree", tree: applied.tree };
  return rejected({ code: applied.code, detail: applied.detail });
}

function faultOf({ totals }: AgentTraffic, error: unknown): CallFinish {
  const { inputTokens, outputTokens, estimated, usd } = totals;
  const said = isFault(error) ? `${error.code}: ${error.message}` : String(error);
  const spent = { inputTokens, outputTokens, estimated, costUsd: usd };
  return { status: "fault", text: "", ...spent, seconds: 0, error: said };
}

/** Its own in each run, battle, round and role, and the same for whoever goes on with the run. */
function seedOf(drawn: string, contestant: string, { battleId, round, role, attempt }: CallKey): number {
  const digest = createHash("sha256").update(
    JSON.stringify([drawn, contestant, battleId, round, role, attempt]),
  );
  return digest.digest().readUInt32LE(0) >>> 1;
}
