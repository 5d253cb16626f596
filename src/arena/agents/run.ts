// One run of an agent: its sandbox, the relay that is its only way out, its command, and what it has left behind.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecResult, Sandbox } from "../../../sandboxes/index.ts";
import {
  type AgentRelayDeps,
  agentRelay,
  type Contestant,
  ModelFault,
  type Relay,
  type Relayed,
  type RelayTotals,
  relayEnvironment,
  type Spend,
} from "../../inference/index.ts";
import type { Case } from "../case.ts";
import { unusableAgent } from "./fault.ts";
import { type Leavings, leavingsIn } from "./leavings.ts";
import { type ListedFile, listCheckout } from "./listing.ts";
import { type AgentAsk, deadlineSecondsOf, taskEnvironment, trajectoryFile } from "./task.ts";
import { setUp, type Workplace } from "./workplace.ts";

/** Of the sandbox's own loopback; no tool that we know of listens there. */
const port = 4871;
/** Of each of its streams, from the beginning. */
const maxStreamBytes = 512 * 1024;
const maxTrajectoryBytes = 2 * 1024 * 1024;
/** Where the endpoint has taken at least this share of an agent's time, a deadline that was met is not the agent's. */
const lostShare = 0.1;

export interface AgentRunDeps
  extends Omit<AgentRelayDeps, "folder" | "token" | "onCharged" | "onFault" | "signal"> {
  readonly contestant: Contestant;
  /** Nobody else's, and not to be guessed. */
  readonly uniqueId: () => string;
  readonly signal: AbortSignal;
}

export interface AgentRunRequest {
  readonly asked: AgentAsk;
  readonly workplace: Workplace;
  readonly files: ReadonlyMap<string, string>;
  readonly seed: number;
  /** All is ready: the command starts now. */
  onStart(): void;
  onCharged(spend: Spend): void;
}

/** However it ended; only faults of ours and of the world are thrown. */
export interface AgentRun {
  readonly end: ExecResult;
  readonly leavings: Leavings;
  readonly trajectory: string;
}

/** What was asked and paid for, whatever became of the run. */
export interface AgentTraffic {
  readonly totals: RelayTotals;
  readonly log: readonly Relayed[];
}

interface Opened {
  readonly relay: Relay;
  readonly broken: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
}

/** The socket lies in a folder that only we may enter; the sandbox is shown the one inside. */
async function withRelay<T>(
  deps: AgentRunDeps,
  onCharged: (spend: Spend) => void,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { contestant, uniqueId, signal, ...rest } = deps;
  const outer = await mkdtemp(join(tmpdir(), "arena-agent-"));
  const folder = join(outer, "outlet");
  const broken = new AbortController();
  try {
    await mkdir(folder, { mode: 0o755 });
    const token = `arena-${uniqueId()}`;
    const onFault = (fault: unknown): void => broken.abort(fault);
    const relay = await agentRelay(contestant, { ...rest, folder, token, onCharged, onFault, signal });
    const environment = relayEnvironment(contestant, { port, token });
    try {
      return await use({ relay, broken: broken.signal, environment });
    } finally {
      await relay.close();
    }
  } finally {
    await rm(outer, { recursive: true, force: true });
  }
}

class Run {
  readonly #deps: AgentRunDeps;
  readonly #request: AgentRunRequest;
  readonly #opened: Opened;

  constructor(deps: AgentRunDeps, request: AgentRunRequest, opened: Opened) {
    this.#deps = deps;
    this.#request = request;
    this.#opened = opened;
  }

  async in(sandbox: Sandbox): Promise<AgentRun> {
    const { contestant, signal } = this.#deps;
    const { asked, files, workplace } = this.#request;
    const { of } = asked.ask;
    const { env } = workplace;
    await setUp(sandbox, { contestant, files, of, env, signal });
    const before = await this.#list(sandbox, of);
    this.#request.onStart();
    const end = await this.#command(sandbox);
    await this.#settled(end);
    return {
      end,
      leavings: await this.#leavings(sandbox, before),
      trajectory: await this.#trajectory(sandbox),
    };
  }

  async #list(sandbox: Sandbox, { instance }: Case): Promise<ReadonlyMap<string, ListedFile>> {
    const listing = await listCheckout(sandbox, this.#request.workplace.env, this.#deps.signal);
    if (listing.ok) return listing.files;
    throw unusableAgent(
      `${instance.instanceId}: before anything ran, ${listing.problem}: an image for agents needs findutils`,
    );
  }

  /** The sandbox goes with a fault of the endpoint's: what the agent would do about it is nobody's answer. */
  async #command(sandbox: Sandbox): Promise<ExecResult> {
    const { contestant, signal } = this.#deps;
    const { asked, workplace, seed } = this.#request;
    const { broken, environment } = this.#opened;
    const env = { ...workplace.env, ...taskEnvironment(asked.role, contestant, seed), ...environment };
    const timeoutMs = deadlineSecondsOf(contestant) * 1000;
    const argv = contestant.command ?? [];
    const request = { argv, cwd: "/work", env, timeoutMs, maxOutputBytes: maxStreamBytes };
    const end = await sandbox.exec(request, AbortSignal.any([signal, broken]));
    if (broken.aborted) throw broken.reason;
    return end;
  }

  async #settled({ outcome, wallMs }: ExecResult): Promise<void> {
    await this.#opened.relay.settle();
    if (this.#opened.broken.aborted) throw this.#opened.broken.reason;
    const { lostMs } = this.#opened.relay.totals();
    if (outcome.kind !== "timed-out" || lostMs < wallMs * lostShare) return;
    const message =
      `${this.#deps.contestant.id}: it met its deadline, and failures of its endpoint and waits for a place there ` +
      `took ${Math.round(lostMs / 1000)} of its ${Math.round(wallMs / 1000)} seconds`;
    throw new ModelFault("timed-out", message, { retryable: true });
  }

  async #leavings(sandbox: Sandbox, before: ReadonlyMap<string, ListedFile>): Promise<Leavings> {
    const { asked, workplace } = this.#request;
    const listing = await listCheckout(sandbox, workplace.env, this.#deps.signal);
    if (!listing.ok) return { kind: "unusable", reason: { code: "unsafe-path", detail: listing.problem } };
    const checkout = { of: asked.ask.of, role: asked.role, before, after: listing.files };
    return leavingsIn(checkout, sandbox);
  }

  async #trajectory(sandbox: Sandbox): Promise<string> {
    const argv = ["/usr/bin/head", "-c", String(maxTrajectoryBytes), trajectoryFile];
    const common = { cwd: "/", env: this.#request.workplace.env, timeoutMs: 30_000 };
    const read = await sandbox.exec(
      { ...common, argv, maxOutputBytes: maxTrajectoryBytes },
      this.#deps.signal,
    );
    return read.stdout.toString("utf8");
  }
}

/**
 * Runs an agent once. `traffic` is told in any case, before anything is thrown.
 * @throws AgentFault, SandboxFault, ModelFault (`budget-exhausted` among them), GitFault; the signal's reason
 */
export async function runAgent(
  deps: AgentRunDeps,
  request: AgentRunRequest,
  traffic: (seen: AgentTraffic) => void,
): Promise<AgentRun> {
  return withRelay(deps, request.onCharged, async (opened) => {
    const { relay } = opened;
    try {
      return await request.workplace.open({ socket: relay.socket, port }, (sandbox) =>
        new Run(deps, request, opened).in(sandbox),
      );
    } catch (error) {
      throw causeOf(error, opened, deps.signal);
    } finally {
      await relay.settle();
      traffic({ totals: relay.totals(), log: relay.log() });
    }
  });
}

/** What a sandbox says that was ended under its command is only the consequence. */
function causeOf(error: unknown, { broken }: Opened, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return broken.aborted ? broken.reason : error;
}
