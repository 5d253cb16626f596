// What a run that is being played says of itself: on a terminal, to `arena ctl`, and in its heartbeat.
import { z } from "zod";

const seconds = z.number().nonnegative();
const count = z.int().nonnegative();

/** Names that others chose: as long as a line of text can bear. */
const name = z.string().max(300);

const timeLeft = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("unknown"), because: name }),
  z.object({
    kind: z.literal("about"),
    ...{ seconds, lowSeconds: seconds, highSeconds: seconds },
    level: z.number(),
  }),
]);

const spend = z.object({ usd: z.number(), tokens: z.number() });
const limit = z.object({ usd: z.number().exactOptional(), tokens: z.number().exactOptional() });

/** Mean strict score of the rounds that are not void, from -1 to 1; absent where there is none. */
const part = z.object({ rounds: count, meanScore: z.number().exactOptional() });

export const statusSchema = z.object({
  /** `settling`: all is played, contested kills meet their juries. */
  state: z.enum(["playing", "paused", "low-disk", "no-engine", "stopping", "settling", "ended"]),
  /** Why no battle begins, where the disk is low or the engine gone; how it ended. */
  because: z.string().max(2000).exactOptional(),
  workers: count,
  battles: z.object({ planned: count, played: count }),
  /** Instances whose battles are left out, since they cannot be judged. */
  unsound: z.array(name).max(100_000),
  rounds: z.object({ played: count, void: count }),
  /** Of this session. */
  seconds,
  inPlay: z
    .array(
      z.object({
        ...{ battleId: name, instanceId: name, first: name, second: name },
        ...{ round: count, rounds: count, seconds },
      }),
    )
    .max(1000),
  timeLeft,
  spent: spend,
  limit,
  contestants: z
    .array(z.object({ id: name, submitter: part, reviewer: part, void: count, spent: spend, limit }))
    .max(1000),
});

export type RunStatus = z.output<typeof statusSchema>;
