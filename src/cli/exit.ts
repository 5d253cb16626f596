// Exit codes of every command (DESIGN 7).

export const exitCodes = {
  done: 0,
  doneWithVoids: 1,
  usage: 2,
  fault: 3,
  belowThreshold: 4,
  /** Ours to mend; apart from the others, so that a script never takes a crash for a result. */
  bug: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
