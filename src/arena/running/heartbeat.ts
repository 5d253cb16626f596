// When the process that plays a run last lived and what it did: a small file, whole at any moment.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../../inference/index.ts";
import { writeWhole } from "../evidence.ts";
import { hasControlFolder, heartbeatOf } from "./control-folder.ts";
import { type RunStatus, statusSchema } from "./status.ts";

const who = z.object({
  host: z.string().max(300),
  pid: z.int(),
  /** When the process began, in whatever form its system counts; compared for equality only. */
  startedAt: z.string().max(300),
});

export type PlayingProcess = z.output<typeof who>;

const heartbeatSchema = z.object({
  schemaVersion: z.literal(1),
  process: who,
  /** Of the wall, for people. */
  atMs: z.number(),
  /** Since the machine started: nobody sets it, so that ages hold when the wall clock jumps. */
  uptimeSeconds: z.number(),
  everySeconds: z.number().positive(),
  status: statusSchema,
});

export type Heartbeat = z.output<typeof heartbeatSchema>;

const mostBytes = 1_000_000;

export interface HeartDeps {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly uptimeSeconds: () => number;
  readonly process: PlayingProcess;
  readonly status: () => RunStatus;
  readonly note: (line: string) => void;
  readonly everySeconds: number;
}

export interface Heart {
  /** The last beat: how it ended. */
  stop(because: string): Promise<void>;
}

/** Beats until it is stopped. A beat that cannot be written is said once, and ends nothing. */
export async function startHeart(run: string, deps: HeartDeps): Promise<Heart> {
  const path = heartbeatOf(run);
  const { clock, everySeconds, note } = deps;
  let hasFailed = false;
  let cancel = (): void => {};
  let last: Promise<void> = Promise.resolve();
  const write = async (status: RunStatus): Promise<void> => {
    const beat: Heartbeat = {
      schemaVersion: 1,
      process: deps.process,
      atMs: clock.now(),
      uptimeSeconds: deps.uptimeSeconds(),
      everySeconds,
      status,
    };
    try {
      await writeWhole(path, `${JSON.stringify(beat)}\n`);
      hasFailed = false;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!hasFailed) note(`the heartbeat ${path} cannot be written: ${error.message}`);
      hasFailed = true;
    }
  };
  const beat = (): void => {
    last = write(deps.status());
    cancel = clock.after(everySeconds * 1000, () => void last.then(beat));
  };
  beat();
  await last;
  return {
    async stop(because) {
      cancel();
      await last;
      cancel();
      await write({ ...deps.status(), state: "ended", because });
    },
  };
}

/** Undefined where the run has none, or one that cannot be read. @throws UsageError for a folder that others may enter */
export async function readHeartbeat(run: string): Promise<Heartbeat | undefined> {
  if (!(await hasControlFolder(run))) return undefined;
  try {
    const text = await readFile(heartbeatOf(run), "utf8");
    const parsed = text.length > mostBytes ? undefined : heartbeatSchema.safeParse(JSON.parse(text));
    return parsed?.success === true ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export type Life =
  /** It ended by itself. */
  | { readonly kind: "ended"; readonly because: string }
  /** Its process is gone without a last word: killed, or the machine went down. */
  | { readonly kind: "dead" }
  /** Its process is there and has not beaten for far too long: stopped, or stuck. */
  | { readonly kind: "stuck" }
  | { readonly kind: "alive" }
  /** On a machine that cannot be asked from here. */
  | { readonly kind: "elsewhere" };

/** Beats missed before a living process counts as stuck: a busy machine may delay a few. */
const patienceBeats = 12;

/** What a heartbeat says, read with what the process table says of its process and how long ago it came. */
export function lifeOf(
  { status, everySeconds }: Heartbeat,
  seen: { readonly process: "alive" | "dead" | "unknown"; readonly ageSeconds: number },
): Life {
  if (status.state === "ended") return { kind: "ended", because: status.because ?? "" };
  if (seen.process === "dead") return { kind: "dead" };
  if (seen.process === "unknown") return { kind: "elsewhere" };
  return seen.ageSeconds > patienceBeats * everySeconds ? { kind: "stuck" } : { kind: "alive" };
}

/** Seconds since a beat: by the machine's uptime where it is the same machine since the same start, else by the wall. */
export function ageOf(
  beat: Heartbeat,
  now: { readonly atMs: number; readonly uptimeSeconds: number; readonly isSameBoot: boolean },
): number {
  const age = now.isSameBoot ? now.uptimeSeconds - beat.uptimeSeconds : (now.atMs - beat.atMs) / 1000;
  return Math.max(0, age);
}
