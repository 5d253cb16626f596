// How long a model on a machine takes for a step, by what limits it: memory bandwidth or arithmetic.

export interface ModelShape {
  readonly name: string;
  readonly parameters: number;
  /** Read for every step. */
  readonly weightBytes: number;
  readonly layers: number;
  readonly width: number;
  /** Keys and values: 2 x layers x heads of keys and values x their size x 2 bytes. */
  readonly cacheBytesPerToken: number;
}

export interface Machine {
  readonly name: string;
  /** Bytes a second of one device. */
  readonly bandwidth: number;
  /** Operations a second of one device, dense, 16 bits. */
  readonly flops: number;
  /** Memory of one device, bytes. */
  readonly memory: number;
  /** Devices that share one model. */
  readonly devices: number;
  /** Of every step, and of its exchange between devices. */
  readonly overheadSeconds: number;
  readonly exchangeSeconds: number;
  readonly perSequenceSeconds: number;
}

/** Shares of the limits that are reached in practice. */
const reached = { bandwidth: 0.8, flops: 0.5 };

/** What limits a piece of work; the longer of the two is what it takes, and an overhead that is neither. */
export interface Parts {
  readonly seconds: number;
  /** Of arithmetic, and of reading weights, keys and values from memory, each if it were alone. */
  readonly computing: number;
  readonly reading: number;
}

/** One token for each of `sequences`, whose contexts hold `contextTokens` together. */
export function stepParts(
  model: ModelShape,
  machine: Machine,
  { sequences, contextTokens }: { readonly sequences: number; readonly contextTokens: number },
): Parts {
  const { devices, bandwidth, flops, overheadSeconds, exchangeSeconds, perSequenceSeconds } = machine;
  const bytes = model.weightBytes + model.cacheBytesPerToken * contextTokens;
  const reading = bytes / (devices * reached.bandwidth * bandwidth);
  const computing = (2 * model.parameters * sequences) / (devices * reached.flops * flops);
  const overhead = overheadSeconds + exchangeSeconds + sequences * perSequenceSeconds;
  return { seconds: Math.max(reading, computing) + overhead, computing, reading };
}

export const stepSeconds = (...step: Parameters<typeof stepParts>): number => stepParts(...step).seconds;

/** `newTokens` read at once behind `cachedTokens` that are known already. */
export function prefillParts(
  model: ModelShape,
  machine: Machine,
  { newTokens, cachedTokens }: { readonly newTokens: number; readonly cachedTokens: number },
): Parts {
  const { devices, bandwidth, flops, overheadSeconds } = machine;
  const attention = 4 * model.layers * model.width * newTokens * (cachedTokens + newTokens / 2);
  const computing = (2 * model.parameters * newTokens + attention) / (devices * reached.flops * flops);
  const reading = model.weightBytes / (devices * reached.bandwidth * bandwidth);
  return { seconds: Math.max(computing, reading) + overheadSeconds, computing, reading };
}

export const prefillSeconds = (...prefill: Parameters<typeof prefillParts>): number =>
  prefillParts(...prefill).seconds;

/** Tokens whose keys and values fit beside the weights. */
export function cacheCapacityTokens(model: ModelShape, { memory, devices }: Machine, share = 0.9): number {
  const perDevice = share * memory - model.weightBytes / devices - 0.6 * 2 ** 30;
  return Math.max(0, Math.floor((devices * perDevice) / model.cacheBytesPerToken));
}

/** Public model cards; weights as streamed, 16 bits. */
export const models = {
  "llama-8b": shape("llama-8b", [8.03e9, 16.1e9], [32, 4096, 8]),
  "qwen-32b": shape("qwen-32b", [32.8e9, 65.5e9], [64, 5120, 8]),
  "qwen-1.5b": shape("qwen-1.5b", [1.54e9, 3.1e9], [28, 1536, 2]),
  "llama-70b": shape("llama-70b", [70.6e9, 141e9], [80, 8192, 8]),
} as const;

function shape(
  name: string,
  [parameters, weightBytes]: readonly [number, number],
  [layers, width, cacheHeads]: readonly [number, number, number],
): ModelShape {
  return {
    name,
    parameters,
    weightBytes,
    layers,
    width,
    cacheBytesPerToken: 2 * layers * cacheHeads * 128 * 2,
  };
}

/** Data sheets; overheads as fitted to the server logs that were published with arXiv 2509.15148. */
export const machines = {
  a100: machine("a100", [1.935e12, 312e12, 80], [2.4e-3, 2.1e-3]),
  h100: machine("h100", [3.35e12, 989e12, 80], [1.5e-3, 1.3e-3]),
  h200: machine("h200", [4.8e12, 989e12, 141], [1.2e-3, 1.3e-3]),
} as const;

function machine(
  name: string,
  [bandwidth, flops, gigabytes]: readonly [number, number, number],
  [overheadSeconds, exchange]: readonly [number, number],
): (devices: number) => Machine {
  return (devices) => ({
    ...{ name: `${devices} x ${name}`, bandwidth, flops, memory: gigabytes * 1e9, devices, overheadSeconds },
    ...{ exchangeSeconds: devices > 1 ? exchange : 0, perSequenceSeconds: 1e-5 },
  });
}

/** Pairs of the published experiments: the draft on one device, the target on as many as it needs. */
export const pairs = {
  "8b-32b": { draft: "llama-8b", target: "qwen-32b", targetDevices: 2 },
  "1.5b-70b": { draft: "qwen-1.5b", target: "llama-70b", targetDevices: 4 },
} as const;

export type PairName = keyof typeof pairs;
export type MachineName = keyof typeof machines;

export interface Pair {
  readonly draft: { readonly model: ModelShape; readonly machine: Machine };
  readonly target: { readonly model: ModelShape; readonly machine: Machine };
}

export function pairOn(name: PairName, gpu: MachineName): Pair {
  const { draft, target, targetDevices } = pairs[name];
  return {
    draft: { model: models[draft], machine: machines[gpu](1) },
    target: { model: models[target], machine: machines[gpu](targetDevices) },
  };
}
