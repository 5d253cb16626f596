// Tells an address that a run has ended: a small signed JSON, tried a few times, and never the run's own failure.
import { createHmac } from "node:crypto";
import { basename } from "node:path";
import { UsageError } from "../domain/fault.ts";
import type { LedgerEnd } from "../domain/run.ts";
import type { Board } from "../report/index.ts";
import type { ExitCode } from "./exit.ts";

export interface Webhook {
  readonly url: URL;
  /** Of the signature; absent: there is none. */
  readonly secret?: string;
}

export interface WebhookDeps {
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** The same for every try: who has it twice counts it once. */
  readonly id: string;
  readonly note: (line: string) => void;
  /** How long one try may take, and how long is waited after each that failed. */
  readonly timeoutMs?: number;
  readonly backoffMs?: readonly number[];
}

export interface RunEnding {
  readonly runFolder: string;
  readonly exit: ExitCode;
  /** The code of the fault that ended it. */
  readonly fault?: string;
  readonly board: Board;
  readonly ledger?: LedgerEnd;
}

const defaultTimeoutMs = 10_000;
const defaultBackoffMs = [1_000, 4_000];

/** @throws UsageError */
export function webhookOf(
  { webhook, webhookSecretEnv }: { readonly webhook?: string; readonly webhookSecretEnv?: string },
  secretIn: (variable: string) => string | undefined,
): Webhook | undefined {
  if (webhook === undefined) {
    if (webhookSecretEnv === undefined) return undefined;
    throw new UsageError(
      "--webhook-secret-env signs what is sent to a webhook: expected --webhook <url> beside it",
    );
  }
  const url = URL.canParse(webhook) ? new URL(webhook) : undefined;
  const isWeb =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  // What was typed may hold a token: it is not said again.
  if (!isWeb)
    throw new UsageError("--webhook: expected an http or https address without a user and password");
  if (webhookSecretEnv === undefined) return { url };
  const secret = secretIn(webhookSecretEnv);
  if (secret === undefined || secret === "")
    throw new UsageError(`--webhook-secret-env: expected a secret in ${webhookSecretEnv}, which is not set`);
  return { url, secret };
}

/** What is sent: enough to know whether to look, and the ledger's last line, which witnesses how far the run went. */
export function endingJson({ runFolder, exit, fault, board, ledger }: RunEnding, now: number) {
  const contestants = board.contestants.map(({ id, rank, metrics }) => ({
    id,
    ...(rank === undefined ? {} : { rank }),
    ...(metrics.scoreStrict === undefined ? {} : { scoreStrict: metrics.scoreStrict }),
    ...(metrics.scorePaper === undefined ? {} : { scorePaper: metrics.scorePaper }),
  }));
  const { instances, rounds } = board;
  return {
    ...{ schemaVersion: 1, type: "run.finished", timestamp: new Date(now).toISOString() },
    data: {
      ...{ run: basename(runFolder), exit, board: { instances, rounds, contestants } },
      ...(fault === undefined ? {} : { fault }),
      ...(ledger === undefined ? {} : { ledger }),
    },
  };
}

/** A secret as the Standard Webhooks specification writes it holds its bytes in base64; any other is its own bytes. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);

/** Headers of the Standard Webhooks specification: HMAC-SHA256 over id, time and body. */
function headersOf(
  { secret }: Webhook,
  { id, body, seconds }: { id: string; body: string; seconds: number },
) {
  const named = { "webhook-id": id, "webhook-timestamp": String(seconds) };
  const plain = { "content-type": "application/json", "user-agent": "swing-arena", ...named };
  if (secret === undefined) return plain;
  const mac = createHmac("sha256", keyOf(secret)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...plain, "webhook-signature": `v1,${mac}` };
}

type Outcome =
  | { readonly kind: "taken" }
  | { readonly kind: "failed"; readonly why: string; readonly again: boolean };

async function once(webhook: Webhook, body: string, deps: WebhookDeps): Promise<Outcome> {
  const { timeoutMs = defaultTimeoutMs, id, now } = deps;
  const headers = headersOf(webhook, { id, body, seconds: Math.floor(now() / 1000) });
  try {
    // A redirect is not followed: what is signed for one host is not taken to another.
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(webhook.url, { method: "POST", headers, body, redirect: "manual", signal });
    await response.body?.cancel();
    if (response.ok) return { kind: "taken" };
    const again = response.status >= 500 || response.status === 408 || response.status === 429;
    return { kind: "failed", why: `it answered ${response.status}`, again };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { kind: "failed", why: isLate ? `no answer in ${timeoutMs} ms` : cause, again: true };
  }
}

/** Whether it was told. A failure is a note and nothing more: the run is as it is. */
export async function tellWebhook(webhook: Webhook, ending: RunEnding, deps: WebhookDeps): Promise<boolean> {
  const body = JSON.stringify(endingJson(ending, deps.now()));
  const waits = deps.backoffMs ?? defaultBackoffMs;
  for (let tries = 1; ; tries += 1) {
    const outcome = await once(webhook, body, deps);
    if (outcome.kind === "taken") return true;
    const waitMs = waits[tries - 1];
    if (!outcome.again || waitMs === undefined) {
      const times = tries === 1 ? "once" : `${tries} times`;
      deps.note(
        `the webhook at ${webhook.url.origin} was not told, tried ${times}: ${outcome.why}. The run is not touched by that`,
      );
      return false;
    }
    await deps.sleep(waitMs);
  }
}
