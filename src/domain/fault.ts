// A fault is ours or the world's, never the contestant's: thrown, with a closed code, and it voids a round.

/** What every door's own fault class looks like, so that `sandboxes/` and `retriever/` need not import ours. */
export interface FaultLike extends Error {
  readonly isFault: true;
  /** Closed per door: each door exports the union of its codes. */
  readonly code: string;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
}

export class Fault<Code extends string> extends Error implements FaultLike {
  readonly isFault = true;
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.retryable = options.retryable;
  }
}

export function isFault(error: unknown): error is FaultLike {
  return error instanceof Error && "isFault" in error && error.isFault === true;
}

/** Wrong usage or configuration: what a person typed or wrote. Ends a command with exit code 2. */
export class UsageError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "UsageError";
  }
}
