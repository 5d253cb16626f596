// Notices a reader that takes nothing, for as long as something lies ready for it.
import type { ServerResponse } from "node:http";

/**
 * Calls `stalled` once nothing of what was written has been taken for so long; until then, or the answer's end, or a
 * call of what it returns. The connection's own timer, since nothing else knows that a part of one large piece was taken;
 * of pipelined answers it begins with the first of whom it is the turn.
 */
export function whenStalled(outgoing: ServerResponse, stalledMs: number, stalled: () => void): () => void {
  const stop = (): void => {
    outgoing.off("finish", stop);
    outgoing.off("timeout", stalled);
    outgoing.setTimeout(0);
  };
  // Before Node's own listener, which sets the same timer for the connection's idle time.
  outgoing.prependListener("finish", stop);
  outgoing.setTimeout(stalledMs, stalled);
  return stop;
}
