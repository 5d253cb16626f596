// Which faults would void every following round too: they end the run (exit code 3), nothing is recorded for them.
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

/** A contestant's endpoint that will fail for every further request as well, until somebody does something. */
export class EndpointFault extends Fault<ModelFaultCode> {}

export function endsTheRun(fault: FaultLike): boolean {
  return ending.has(fault.code) || fault instanceof EndpointFault;
}

const advice: Readonly<Partial<Record<ModelFaultCode, string>>> = {
  "quota-exhausted": "top up the account or raise its limit",
  unauthorized: "check the key and what it may use",
  "bad-request": "check the contestant's model, baseUrl and further settings",
  "bad-response": "check the contestant's baseUrl",
  unreachable: "check the contestant's baseUrl and the certificate there",
};

/** Once an endpoint has answered, a refused request is about that request; 404 is about the model or the address. */
function isAboutOneRequest({ code, attempts }: ModelFault, hasAnswered: boolean): boolean {
  return code === "bad-request" && hasAnswered && attempts.at(-1)?.status !== 404;
}

/** The fault itself, or one that ends the run and says whose endpoint it is, what was said and what to do. */
export function faultOfEndpoint(fault: unknown, contestant: Contestant, hasAnswered: () => boolean): unknown {
  if (!(fault instanceof ModelFault) || fault.retryable) return fault;
  const todo = advice[fault.code];
  if (todo === undefined || isAboutOneRequest(fault, hasAnswered())) return fault;
  const { id, provider, model, baseUrl, keyEnv } = contestant;
  const at = baseUrl === undefined ? "the provider's own address" : new URL(baseUrl).host;
  const key = keyEnv === undefined ? "no key" : `the key in ${keyEnv}`;
  const message =
    `the endpoint of ${id} (${provider} at ${at}, model ${model}, ${key}) fails for good: ${fault.message}. ` +
    `What to do: ${todo}, then resume; the round is played then, answers that came are not paid for again`;
  return new EndpointFault(fault.code, message, { retryable: false, cause: fault });
}
