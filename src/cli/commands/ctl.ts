// `arena ctl`: asks the process that plays a run; where none does, says what became of the last one.
import {
  ageOf,
  askRun,
  ControlFault,
  type ControlRequest,
  type Heartbeat,
  type Life,
  lifeOf,
  type RunStatus,
  readHeartbeat,
} from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { lifeOfProcess, now, openRunReadOnly, uptimeSeconds } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { oneLine, table } from "../output.ts";
import {
  duration,
  inPlayText,
  progressText,
  spendText,
  standingRows,
  stateText,
  timeLeftText,
} from "../run-status.ts";

export interface ControlOptions {
  readonly run: string;
  readonly action: string;
  readonly n?: number;
  readonly now?: boolean;
}

const actions = ["status", "pause", "resume", "cancel", "workers"] as const;

function requestOf({ action, n, now }: ControlOptions): ControlRequest {
  const known = actions.find((each) => each === action);
  if (known === undefined)
    throw new UsageError(`arena ctl: expected ${actions.join(", ")}, found "${oneLine(action)}"`);
  if (now === true && known !== "cancel") throw new UsageError("--now: expected beside cancel");
  if (known === "workers") {
    if (n === undefined) throw new UsageError("arena ctl <run> workers: expected how many, e.g. workers 4");
    return { do: known, workers: n };
  }
  if (n !== undefined)
    throw new UsageError(`arena ctl <run> ${known}: expected nothing after it, found ${n}`);
  return known === "cancel" ? { do: known, now: now === true } : { do: known };
}

/** What a run's last process has left behind, read with what the process table says. */
interface Trace {
  readonly beat: Heartbeat;
  readonly life: Life;
  readonly ageSeconds: number;
}

async function traceOf(run: string): Promise<Trace | undefined> {
  const beat = await readHeartbeat(run);
  if (beat === undefined) return undefined;
  const process = lifeOfProcess(beat.process);
  const clocks = { atMs: now(), uptimeSeconds: uptimeSeconds(), isSameBoot: process === "alive" };
  const ageSeconds = ageOf(beat, clocks);
  return { beat, ageSeconds, life: lifeOf(beat, { process, ageSeconds }) };
}

function traceText(run: string, { beat, life, ageSeconds }: Trace): string {
  const who = `process ${beat.process.pid}`;
  const ago = `${duration(ageSeconds)} ago`;
  const goOn = `go on with \`arena play --resume ${run}\``;
  const did = `it was ${stateText(beat.status)}, ${progressText(beat.status)}`;
  switch (life.kind) {
    case "ended":
      return `no process plays this run: the last one ended ${ago}, ${life.because}`;
    case "dead":
      return `no process plays this run: ${who} died without a word after it last lived, ${ago}; ${did}; ${goOn}`;
    case "stuck":
      return `${who} plays this run and has not been heard of for ${duration(ageSeconds)}: it is stopped or stuck; ${did}`;
    case "alive":
      return `${who} plays this run and last lived ${ago}, but does not listen; ${did}`;
    case "elsewhere":
      return `${who} on host ${beat.process.host} played this run ${ago}: ask there; ${did}`;
  }
}

function statusText(status: RunStatus): string {
  const { spent, limit, unsound } = status;
  const lines = [
    stateText(status),
    progressText(status),
    timeLeftText(status.timeLeft),
    `spent ${spendText(spent, limit)}`,
    ...(unsound.length === 0 ? [] : [`left out, since they cannot be judged: ${unsound.join(", ")}`]),
    ...status.inPlay.map((battle) => `> ${inPlayText(battle)}`),
  ];
  const rows = standingRows(status).map((cells) => cells.map(oneLine));
  return [...lines.map(oneLine), table(rows)].join("\n");
}

/** Nobody answers: what is known all the same. Exit code 0 for a status that could be told, 3 for anything asked in vain. */
async function unanswered(
  { run }: ControlOptions,
  fault: ControlFault,
  asked: ControlRequest,
  { out }: CommandContext,
): Promise<ExitCode> {
  const trace = await traceOf(run);
  const said = oneLine(
    trace === undefined ? `no process plays this run: ${fault.message}` : traceText(run, trace),
  );
  if (asked.do !== "status") {
    throw new ControlFault(fault.code, `${asked.do} is not heard: ${said}`, {
      retryable: false,
      cause: fault,
    });
  }
  const process = trace === undefined ? {} : { process: trace.beat.process, secondsAgo: trace.ageSeconds };
  const last = trace === undefined ? {} : { life: trace.life.kind, status: trace.beat.status };
  out.result({ schemaVersion: 1, run, answers: false, said, ...process, ...last }, () => said);
  return exitCodes.done;
}

export async function ctl(options: ControlOptions, context: CommandContext): Promise<ExitCode> {
  const { run } = options;
  const asked = requestOf(options);
  // Refuses a folder that holds no run before anything in it is spoken to.
  openRunReadOnly(run).close();
  const answer = await askRun(run, asked).catch((error: unknown) => {
    if (error instanceof ControlFault) return error;
    throw error;
  });
  if (answer instanceof ControlFault) return unanswered(options, answer, asked, context);
  if (!answer.ok) throw new ControlFault("refused", oneLine(answer.because), { retryable: false });
  const { said, status } = answer;
  context.out.result({ schemaVersion: 1, run, answers: true, said, status }, () =>
    asked.do === "status" ? statusText(status) : oneLine(said),
  );
  return exitCodes.done;
}
