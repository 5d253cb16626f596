// Exit codes of every command (DESIGN 7).

export const exitCodes = {
  done: 0,
  doneWithVoids: 1,
  usage: 2,
  fault: 3,
  belowThreshold: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
