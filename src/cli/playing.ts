// What stands around a run while `arena play` plays it: its gate, whoever speaks to it, its heartbeat and its view.
import {
  BattleGate,
  type ControlAnswer,
  type ControlRequest,
  DiskRoom,
  EngineWatch,
  freeBytesOf,
  RunProgress,
  type RunStatus,
  serveControl,
  startHeart,
  type Watermarks,
} from "../arena/index.ts";
import { systemClock } from "../inference/index.ts";
import {
  cacheFolder,
  monotonicMs,
  type SetSession,
  terminalTakes,
  thisProcess,
  uptimeSeconds,
} from "../wire.ts";
import type { CommandContext } from "./command.ts";
import { liveView } from "./live-view.ts";
import { stateText, statusLine } from "./run-status.ts";

export interface Playing extends AsyncDisposable {
  readonly gate: BattleGate;
  readonly progress: RunProgress;
  /** How it ended, for whoever asks later. */
  end(because: string): void;
}

/** What `arena ctl` may raise the workers to. */
const mostWorkers = 64;
const beatSeconds = 5;
const lookAtDiskMs = 10_000;
const lookAtEngineMs = 5_000;
const redrawMs = 1_000;
const lineMs = 60_000;

interface PlayingParts {
  readonly workers: number;
  readonly marks: Watermarks;
  readonly isGrowing: boolean;
}

export async function openPlaying(
  session: SetSession,
  { workers, marks, isGrowing }: PlayingParts,
  context: CommandContext,
): Promise<Playing> {
  const { out, signal, interrupts } = context;
  const { store, runFolder, contestantIds, limits, spent, pingSandboxes, patienceMs } = session;
  const room = new DiskRoom({
    ...{ folders: [runFolder, cacheFolder()], marks, freeBytes: freeBytesOf },
    ...{ note: out.note, lookAgainMs: lookAtDiskMs, clock: systemClock },
  });
  const engine = new EngineWatch({
    ...{ ping: pingSandboxes, patienceMs, note: out.note, lookAgainMs: lookAtEngineMs, clock: systemClock },
  });
  const most = Math.max(workers, mostWorkers);
  const gate = new BattleGate({ workers, mostWorkers: most, signal, watches: [room, engine] });
  const progress = new RunProgress({ store, contestantIds, gate, limits, spent, isGrowing, monotonicMs });
  const finish = (): void => {
    gate.stop();
    out.note("stopping: no battle begins, the rounds being played are finished; again to cut them off");
  };
  const ungraceful = interrupts?.gracefully(finish);
  const status = (): RunStatus => progress.status();
  const act = (request: ControlRequest): ControlAnswer => acted(request, { gate, status, context });
  const spoken = await spokenTo(runFolder, { act, status, context });
  const unwatch = watched(status, context);
  let because = "it was cut short";
  return {
    gate,
    progress,
    end: (how) => {
      because = how;
    },
    [Symbol.asyncDispose]: async () => {
      unwatch();
      ungraceful?.();
      await spoken?.close(because);
    },
  };
}

interface Acting {
  readonly gate: BattleGate;
  readonly status: () => RunStatus;
  readonly context: CommandContext;
}

function acted(request: ControlRequest, { gate, status, context }: Acting): ControlAnswer {
  const { out, interrupts } = context;
  const done = (said?: string): ControlAnswer => {
    if (said !== undefined) out.note(`from another terminal: ${said}`);
    return { ok: true, said: said ?? stateText(status()), status: status() };
  };
  switch (request.do) {
    case "status":
      return done();
    case "pause":
      if (gate.isStopping) return { ok: false, because: "it is being stopped: resume it once it has ended" };
      gate.pause();
      return done(`paused: no battle begins, ${status().inPlay.length} being played go on to their end`);
    case "resume":
      if (gate.isStopping) return { ok: false, because: "it is being stopped: resume it once it has ended" };
      gate.resume();
      return done("goes on");
    case "workers":
      if (request.workers > gate.mostWorkers)
        return {
          ok: false,
          because: `expected at most ${gate.mostWorkers} workers, found ${request.workers}`,
        };
      gate.setWorkers(request.workers);
      return done(`${request.workers} workers; what is being played beyond that goes on to its end`);
    case "cancel":
      if (interrupts === undefined)
        return { ok: false, because: "this run is part of a program, which alone ends it" };
      if (request.now) interrupts.cutOff();
      else if (!gate.isStopping) interrupts.press();
      return done(
        request.now
          ? "cut off: what is being played is given back"
          : "stopping after the rounds being played",
      );
  }
}

interface Spoken {
  close(because: string): Promise<void>;
}

/** Where the folder bears no socket the run is played all the same: it can then be stopped from its own terminal alone. */
async function spokenTo(
  runFolder: string,
  {
    act,
    status,
    context,
  }: Pick<Acting, "status" | "context"> & { act(request: ControlRequest): ControlAnswer },
): Promise<Spoken | undefined> {
  const { note } = context.out;
  try {
    const server = await serveControl(runFolder, act);
    const heart = await startHeart(runFolder, {
      ...{ clock: systemClock, uptimeSeconds, process: thisProcess(), status, note },
      everySeconds: beatSeconds,
    });
    return {
      close: async (because) => {
        await server[Symbol.asyncDispose]();
        await heart.stop(because);
      },
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    note(`\`arena ctl\` cannot reach this run, which is played all the same: ${error.message}`);
    return undefined;
  }
}

/** Every second on a terminal; in a pipe a line a minute, unless it would say the same again. */
function watched(status: () => RunStatus, { out }: CommandContext): () => void {
  let cancel = (): void => {};
  let last = "";
  const { color, redrawing } = terminalTakes();
  const isLive = out.isTerminal && redrawing;
  const look = (): void => {
    if (isLive) {
      const now = status();
      out.panel({ color, lines: (size) => liveView(now, size) });
    } else {
      const line = statusLine(status());
      if (line !== last) out.note(line);
      last = line;
    }
    again();
  };
  const again = (): void => {
    cancel = systemClock.after(isLive ? redrawMs : lineMs, look);
  };
  if (isLive) look();
  else again();
  return () => {
    cancel();
    out.panel();
  };
}
