// From what happened on the wire to whose doing it was: the contestant's, the world's, or something to wait for.
import type { Exchange } from "./exchange.ts";
import type { Finish, ModelFaultCode } from "./model.ts";

/** A try that gave no completion. */
export type Failure =
  /** The contestant's doing. `billed`: an answer was produced, so it costs although we cannot read how much. */
  | {
      readonly kind: "outcome";
      readonly finish: Extract<Finish, "refusal" | "context-overflow" | "answer-too-large">;
      readonly billed: boolean;
      readonly detail: string;
    }
  | {
      readonly kind: "fault";
      readonly code: ModelFaultCode;
      readonly retryable: boolean;
      /** The provider may have billed it: worst case until somebody knows better. */
      readonly billed: boolean;
      readonly detail: string;
      /** What the server asked us to wait, milliseconds. */
      readonly retryAfterMs?: number;
    };

/** Phrases by which servers say that a prompt is too long (statuses 400, 413 and 422 only). */
const overflowPhrases: readonly RegExp[] = [
  /context_length_exceeded|exceed_context_size/i,
  /maximum (context|model|prompt) length/i,
  /(model'?s|exceeds? the) (maximum )?context (length|size|window)/i,
  /exceeds? the available context size/i,
  /exceed(s|ed)? (the )?context (limit|window|length)/i,
  /prompt is too long/i,
  /input (token count|is too long)/i,
  /reduce the length of the (messages|prompt)/i,
  /inputs` tokens \+ `max_new_tokens` must be/i,
  /too large for model with \d+ maximum context/i,
];

/** Phrases by which servers say that they will not answer this prompt (status 400 and 403 only). */
const refusalPhrases: readonly RegExp[] = [
  /content_policy_violation|content_filter|responsible ai policy/i,
  /"code":\s*"invalid_prompt"/i,
];

const quotaPhrases = /insufficient_quota|insufficient balance|credit balance is too low|billing_hard_limit/i;

function matches(body: string, phrases: readonly RegExp[]): boolean {
  return phrases.some((phrase) => phrase.test(body));
}

/** Seconds or an HTTP date, as RFC 9110 has it; also OpenAI's `retry-after-ms` and Google's `retryDelay` in the body. */
export function retryAfterOf(headers: Headers, body: string, nowMs: number): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds !== null && /^\d+(\.\d+)?$/.test(milliseconds.trim()))
    return Math.ceil(Number(milliseconds));
  const header = headers.get("retry-after")?.trim();
  if (header !== undefined && /^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1000);
  const date = header === undefined ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  const delay = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(body)?.[1];
  return delay === undefined ? undefined : Math.ceil(Number(delay) * 1000);
}

/** The provider's own words, short and on one line. */
function words(body: string): string {
  const message = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body;
  const line = message.replace(/\\n|\s+/g, " ").trim();
  if (line === "") return "no words";
  return line.length > 400 ? `${line.slice(0, 397)}...` : line;
}

function fault(
  code: ModelFaultCode,
  detail: string,
  options: { retryable: boolean; billed?: boolean; retryAfterMs?: number | undefined },
): Failure {
  const { retryable, billed = false, retryAfterMs } = options;
  return {
    kind: "fault",
    code,
    detail,
    retryable,
    billed,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function ofClientError(status: number, body: string): Failure {
  const detail = `HTTP ${status}: ${words(body)}`;
  const tooLong = status === 400 || status === 413 || status === 422;
  if (tooLong && (status === 413 || matches(body, overflowPhrases))) {
    return { kind: "outcome", finish: "context-overflow", billed: false, detail };
  }
  if ((status === 400 || status === 403) && matches(body, refusalPhrases)) {
    return { kind: "outcome", finish: "refusal", billed: false, detail };
  }
  if (status === 402 || quotaPhrases.test(body))
    return fault("quota-exhausted", detail, { retryable: false });
  if (status === 401 || status === 403) return fault("unauthorized", detail, { retryable: false });
  return fault("bad-request", detail, { retryable: false });
}

/** What an HTTP status above 299 means, or an error object sent with status 200 that names one. */
export function failureOfStatus(status: number, exchange: Exchange, nowMs: number): Failure {
  const { body, headers } = exchange;
  const detail = `HTTP ${status}: ${words(body)}`;
  const retryAfterMs = retryAfterOf(headers, body, nowMs);
  if (status === 429 && quotaPhrases.test(body))
    return fault("quota-exhausted", detail, { retryable: false });
  if (status === 429) return fault("rate-limited", detail, { retryable: true, retryAfterMs });
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return fault("server-error", detail, { retryable: true, retryAfterMs });
  }
  if (status < 400) {
    const target = headers.get("location") ?? "nowhere";
    const redirect = `HTTP ${status}: redirected to ${target}; write the final address as baseUrl`;
    return fault("bad-response", redirect, { retryable: false });
  }
  return ofClientError(status, body);
}

/** Codes of connections that never came about for a reason that waiting does not mend. */
const hopeless =
  /\b(ERR_INVALID_(URL|PROTOCOL)|ERR_TLS_CERT|CERT_|(DEPTH_ZERO_)?SELF_SIGNED|UNABLE_TO_)|wrong.version.number/i;

/**
 * What a try that threw, or whose answer could not be read, comes to.
 * @param error what the SDK or our reading of its answer threw; used only where the wire itself was fine
 */
export function failureOf(exchange: Exchange, error: unknown, nowMs: number): Failure {
  const said = error instanceof Error ? error.message : String(error);
  if (exchange.tooLarge) {
    return { kind: "outcome", finish: "answer-too-large", billed: true, detail: said };
  }
  if (exchange.broken !== undefined) {
    const retryable = !hopeless.test(exchange.broken);
    return fault("unreachable", exchange.broken, { retryable, billed: exchange.sent });
  }
  if (exchange.status === undefined) return fault("bad-request", said, { retryable: false });
  if (exchange.status < 200 || exchange.status > 299)
    return failureOfStatus(exchange.status, exchange, nowMs);
  const embedded = embeddedStatus(exchange.body);
  if (embedded !== undefined) return failureOfStatus(embedded, exchange, nowMs);
  const detail = `HTTP ${exchange.status} with an unreadable answer: ${said}`;
  return fault("bad-response", detail, { retryable: true, billed: true });
}

/** Some routers answer 200 with `{"error": {"code": 429}}`. */
function embeddedStatus(body: string): number | undefined {
  const code = /^\s*\{\s*"error":\s*\{[^{}]*"code":\s*(\d{3})\b/.exec(body)?.[1];
  const status = code === undefined ? undefined : Number(code);
  return status !== undefined && status >= 400 ? status : undefined;
}
