// What goes wrong with a request, in the shape and the codes that OpenAI clients know.
import { EngineFault, type EngineFaultCode } from "../engine.ts";

export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "rate_limit_error"
  | "server_error"
  | "timeout_error";

export class ApiError extends Error {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string;
  /** The field that is at fault. */
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      readonly param?: string | undefined;
      readonly retryAfterSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "ApiError";
    this.status = status;
    this.type = typeOf(status);
    this.code = code;
    this.param = options.param;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  body(): { error: { message: string; type: ErrorType; param: string | null; code: string } } {
    const { message, type, param = null, code } = this;
    return { error: { message, type, param, code } };
  }
}

function typeOf(status: number): ErrorType {
  if (status === 401 || status === 403) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  if (status === 408 || status === 504) return "timeout_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

export function invalid(param: string, message: string, code = "invalid_value"): ApiError {
  return new ApiError(400, code, message, { param });
}

/** Why a request is ended before its answer is whole. */
export type Ending = "client-gone" | "time-limit" | "draining" | "slow-reader";

const endings: Readonly<Record<Ending, readonly [status: number, code: string, message: string]>> = {
  /** Nobody hears it; proxies write this status into their logs. */
  "client-gone": [499, "client_gone", "The client has closed the connection."],
  "time-limit": [504, "timeout", "The answer took longer than this server allows. Ask for fewer tokens."],
  draining: [
    503,
    "draining",
    "This server is shutting down. Ask again: another or the next one will answer.",
  ],
  "slow-reader": [499, "slow_reader", "The answer was not read for so long that it was given up."],
};

/** The reason an ended request's signal carries. */
export class Ended extends ApiError {
  readonly ending: Ending;

  constructor(ending: Ending) {
    const [status, code, message] = endings[ending];
    super(status, code, message, ending === "draining" ? { retryAfterSeconds: 1 } : {});
    this.name = "Ended";
    this.ending = ending;
  }
}

interface Told {
  readonly status: number;
  readonly code: string;
  /** What the asker may know; what the engine said goes to the operator. */
  readonly message: string;
}

const upstream = (status: number, code: string, what: string): Told => ({
  ...{ status, code },
  message: `The model behind this one ${what}.`,
});

/** A key of ours that an engine refuses is no fault of who asks: never 401. */
const told: Readonly<Record<EngineFaultCode, Told>> = {
  unreachable: upstream(502, "upstream_unreachable", "cannot be reached"),
  "timed-out": upstream(504, "upstream_timeout", "did not answer in time"),
  overloaded: upstream(429, "upstream_overloaded", "is overloaded: ask again later"),
  "server-error": upstream(502, "upstream_error", "failed"),
  "bad-response": upstream(502, "upstream_error", "gave an answer that makes no sense"),
  "missing-logprobs": upstream(502, "upstream_error", "gave no usable log-probabilities"),
  "context-overflow": {
    ...{ status: 400, code: "context_length_exceeded" },
    message: "The prompt and the answer do not fit into the model's context. Shorten one of them.",
  },
  "bad-request": upstream(502, "upstream_refused", "refused how it was asked"),
  unauthorized: upstream(502, "upstream_refused", "refused this server"),
  unsupported: upstream(400, "unsupported", "cannot do what was asked for"),
  unusable: upstream(500, "upstream_unusable", "cannot be used"),
};

/** What the asker is told; whatever nobody foresaw is told without a word of what it was. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof EngineFault))
    return new ApiError(500, "internal_error", "This server failed. Its log says why.", { cause: error });
  const { status, code, message } = told[error.code];
  const pauseMs = status === 429 ? (error.retryAfterMs ?? 1000) : undefined;
  return new ApiError(status, code, message, {
    param: error.code === "context-overflow" ? "messages" : undefined,
    retryAfterSeconds: pauseMs === undefined ? undefined : Math.max(1, Math.ceil(pauseMs / 1000)),
    cause: error,
  });
}
