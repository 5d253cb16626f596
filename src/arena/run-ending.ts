// Which faults would void every following round too, of a run or of one contestant: nothing is recorded for them.
import { Fault, type FaultLike } from "../domain/fault.ts";
import { type Contestant, ModelFault, type ModelFaultCode } from "../inference/index.ts";

const ending = new Set([
  "engine-unreachable",
  "host-disk-full",
  "image-missing",
  "unauthorized",
  "quota-exhausted",
  "budget-exhausted",
  "store-failed",
  "git-missing",
  "cache-unusable",
  "grammar-unusable",
  "model-unusable",
  "ledger-unusable",
  "ledger-of-another-run",
  "agent-unusable",
]);

/**
 * Would void every further round of this contestant as well, until somebody does something: it drops out, and where
 * nobody else is left to play the run ends.
 */
export class ContestantFault extends Fault<ModelFaultCode> {
  readonly contestant: string;

  constructor(
    contestant: string,
    { code, message }: { code: ModelFaultCode; message: string },
    cause?: unknown,
  ) {
    super(code, message, { retryable: false, cause });
    this.contestant = contestant;
  }
}

/** True of what ends the part of one contestant alone, too. */
export function endsTheRun(fault: FaultLike): boolean {
  return ending.has(fault.code) || fault instanceof ContestantFault;
}

const advice: Readonly<Partial<Record<ModelFaultCode, string>>> = {
  "quota-exhausted": "top up the account or raise its limit",
  unauthorized: "check the key and what it may use",
  "bad-request": "check the contestant's model, baseUrl and further settings",
  "bad-response": "check the contestant's baseUrl",
  unreachable: "check the contestant's baseUrl and the certificate there",
};

const patienceOver = "wait until it answers, or give the run more patience";

/** Once an endpoint has answered, a refused request is about that request; 404 is about the model or the address. */
function isAboutOneRequest({ code, attempts }: ModelFault, hasAnswered: boolean): boolean {
  return code === "bad-request" && hasAnswered && attempts.at(-1)?.status !== 404;
}

/** The fault itself, or one that says whose endpoint it is that fails for good, what was said and what to do. */
export function faultOfEndpoint(fault: unknown, contestant: Contestant, hasAnswered: () => boolean): unknown {
  if (!(fault instanceof ModelFault)) return fault;
  if (fault.code === "budget-exhausted")
    return fault.reach === "contestant" ? new ContestantFault(contestant.id, fault, fault) : fault;
  const isDown = fault.reach === "contestant";
  if (fault.retryable && !isDown) return fault;
  const todo = isDown ? patienceOver : advice[fault.code];
  if (todo === undefined || (!isDown && isAboutOneRequest(fault, hasAnswered()))) return fault;
  const { id, provider, model, baseUrl, keyEnv } = contestant;
  const at = baseUrl === undefined ? "the provider's own address" : new URL(baseUrl).host;
  const key = keyEnv === undefined ? "no key" : `the key in ${keyEnv}`;
  const fails = isDown ? "has answered nobody" : "fails for good";
  const message =
    `the endpoint of ${id} (${provider} at ${at}, model ${model}, ${key}) ${fails}: ${fault.message}. ` +
    `What to do: ${todo}, then resume; the round is played then, answers that came are not paid for again`;
  return new ContestantFault(id, { code: fault.code, message }, fault);
}
