// From what happened on the wire to an EngineFault: one place decides codes, what is worth asking again, and words.
import type { z } from "zod";
import { type Failure, failureOfStatus } from "../../classify.ts";
import { redact } from "../../redact.ts";
import { EngineFault, type EngineFaultCode } from "../engine.ts";

/** Whom a message speaks of, and what it must not say. */
export interface Place {
  /** As `POST http://host/path`. */
  readonly where: string;
  readonly secrets: readonly string[];
}

const longestQuote = 300;

/** One line of what was found, short, without keys. */
export function quoted(text: string, secrets: readonly string[]): string {
  const line = redact(text, secrets).replace(/\s+/g, " ").trim();
  if (line === "") return "nothing";
  return line.length > longestQuote ? `${line.slice(0, longestQuote - 3)}...` : line;
}

/** Node's words for connections that waiting does not mend. */
const hopeless =
  /\b(ENOTFOUND|ERR_INVALID_URL|ERR_INVALID_PROTOCOL|ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)|wrong.version.number/i;

export function faultOfConnection(error: unknown, place: Place): EngineFault {
  const code = error instanceof Error && "code" in error ? `${String(error.code)} ` : "";
  const said = quoted(`${code}${error instanceof Error ? error.message : String(error)}`, place.secrets);
  const advice = hopeless.test(said)
    ? "check the address"
    : "see whether the server runs and the address is right";
  const message = `${place.where}: expected an answer, found a broken connection (${said}); ${advice}`;
  return new EngineFault("unreachable", message, { retryable: !hopeless.test(said) });
}

export function timedOut(ms: number, place: Place): EngineFault {
  const message = `${place.where}: expected the whole answer within ${ms / 1000} s, found none; raise requestTimeoutSeconds or lower the load`;
  return new EngineFault("timed-out", message, { retryable: true });
}

export function badResponse(expected: string, found: string, place: Place): EngineFault {
  const message = `${place.where}: expected ${expected}, found ${quoted(found, place.secrets)}; see whether the server is of the kind that was configured`;
  return new EngineFault("bad-response", message, { retryable: true });
}

const advices: Partial<Record<EngineFaultCode, string>> = {
  overloaded: "lower the concurrency or wait",
  "server-error": "see the server's log",
  "context-overflow": "shorten the prompt or serve the model with a longer context",
  "bad-request": "check baseUrl, model and settings",
  unauthorized: "check the key that keyEnv names",
};

const codes: Readonly<Record<Extract<Failure, { kind: "fault" }>["code"], EngineFaultCode>> = {
  "rate-limited": "overloaded",
  "server-error": "server-error",
  unauthorized: "unauthorized",
  "bad-request": "bad-request",
  "quota-exhausted": "bad-request",
  "bad-response": "bad-request",
  unreachable: "unreachable",
  "timed-out": "timed-out",
  aborted: "unreachable",
  "budget-exhausted": "bad-request",
};

function codeOf(failure: Failure, status: number, body: string): EngineFaultCode {
  if (failure.kind === "outcome")
    return failure.finish === "context-overflow" ? "context-overflow" : "bad-request";
  // SGLang answers 503 where its queue is full: a matter of load, not of a broken server.
  if (status === 503 && /queue is full|overloaded/i.test(body)) return "overloaded";
  return codes[failure.code];
}

/** What an answer with a status above 299 means; also for errors that servers put inside a stream of status 200. */
export function faultOfStatus(
  answer: { readonly status: number; readonly headers?: Headers; readonly body: string },
  nowMs: number,
  place: Place,
): EngineFault {
  const { status, headers = new Headers(), body } = answer;
  const failure = failureOfStatus(status, { sent: true, headers, body, tooLarge: false }, nowMs);
  const code = codeOf(failure, status, body);
  const retryable = failure.kind === "fault" && failure.retryable;
  const retryAfterMs = failure.kind === "fault" ? failure.retryAfterMs : undefined;
  const advice = advices[code] ?? "see the server's log";
  const message = `${place.where}: expected an answer, found ${quoted(failure.detail, place.secrets)}; ${advice}`;
  return new EngineFault(code, message, {
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const stringsAndBareWords = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * JSON, and the `NaN` that Python's servers write into it: no value, which is what null says.
 * @throws EngineFault `bad-response`
 */
export function parseJson(text: string, place: Place): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseLoosely(text, place);
  }
}

function parseLoosely(text: string, place: Place): unknown {
  try {
    return JSON.parse(text.replace(stringsAndBareWords, (part) => (part.startsWith('"') ? part : "null")));
  } catch {
    throw badResponse("JSON", text, place);
  }
}

/** @throws EngineFault `bad-response`, naming the first field that is not as the protocol says */
export function parseAs<T>(schema: z.ZodType<T>, json: unknown, place: Place): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "the whole answer";
  throw badResponse(`an answer as the protocol says`, `${field}: ${issue?.message ?? "otherwise"}`, place);
}
