// What the server is told before it starts, and the settings it refuses to start with.

export interface ServerLimits {
  /** Requests that work at once, and how many more may wait their turn. */
  readonly running: number;
  readonly queued: number;
  readonly connections: number;
  readonly bodyBytes: number;
  /** Of all bodies whose requests are still there. */
  readonly bodiesBytes: number;
  /** Of one answer that its reader does not take. */
  readonly bufferedBytes: number;
  /** From a connection's beginning to the end of its headers, and to the end of its body. */
  readonly headersMs: number;
  readonly bodyMs: number;
  /** How long a request may take, its wait included; and as long again its answer may be read. */
  readonly requestMs: number;
  /** How long a connection without a request is kept: longer than whoever stands in between keeps it, or requests meet its end. */
  readonly idleMs: number;
  /** How long a reader may take nothing at all while something lies ready. */
  readonly stalledMs: number;
  /** A stream in which nothing happens says so this often: what stands in between would close it. */
  readonly quietMs: number;
  /** How long requests may go on once the server is to end, and how long they may take to end when told to. */
  readonly graceMs: number;
  readonly abortMs: number;
}

export interface AnswerSettings {
  /** Candidates of a question that does not say, and the most one may ask for. */
  readonly samples: number;
  readonly mostSamples: number;
  /** Of an answer that does not say, and the most one may ask for. */
  readonly maxTokens: number;
  readonly mostTokens: number;
  readonly mostChoices: number;
  readonly temperature: number;
  /** Kind of a question that does not say. */
  readonly task: string;
  /** Kinds there may be besides: each has calibration and figures of its own, for good. */
  readonly mostTasks: number;
}

export interface ServerSettings {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Whoever has one of them may ask. None: whoever reaches the address may. */
  readonly keys: readonly string[];
  /** Serve without a key beyond this machine. */
  readonly allowKeyless: boolean;
  /** Tell figures without a key. */
  readonly openMetrics: boolean;
  readonly names: { readonly pair: string; readonly draft: string; readonly target: string };
  readonly limits: ServerLimits;
  readonly answers: AnswerSettings;
}

export const defaultServerSettings: ServerSettings = {
  ...{ host: "127.0.0.1", port: 8080, keys: [], allowKeyless: false, openMetrics: false },
  names: { pair: "a1", draft: "a1-draft", target: "a1-target" },
  limits: {
    ...{
      running: 512,
      queued: 512,
      connections: 4096,
      bodyBytes: 4 * 2 ** 20,
      bodiesBytes: 2 ** 28,
      bufferedBytes: 2 ** 20,
    },
    ...{ headersMs: 10_000, bodyMs: 30_000, requestMs: 600_000, idleMs: 65_000, stalledMs: 30_000 },
    ...{ quietMs: 15_000, graceMs: 30_000, abortMs: 10_000 },
  },
  answers: {
    ...{ samples: 1, mostSamples: 64, maxTokens: 4096, mostTokens: 65_536, mostChoices: 64 },
    ...{ temperature: 1, task: "chat", mostTasks: 64 },
  },
};

/** The server cannot start: `settings` are contradictory or unsafe, or the `address` cannot be had. */
export class ServeFault extends Error {
  readonly isFault = true;
  readonly retryable = false;
  readonly code: "settings" | "address";

  constructor(code: "settings" | "address", message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "ServeFault";
    this.code = code;
  }
}

/** Shorter ones are guessed. */
const shortestKey = 8;

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

function checkNumbers(of: object, where: string, least: number): void {
  for (const [name, value] of Object.entries(of)) {
    if (typeof value !== "number" || (Number.isInteger(value) && value >= least)) continue;
    throw new ServeFault(
      "settings",
      `${where}.${name}: expected a whole number from ${least}, found ${value}`,
    );
  }
}

/** @throws ServeFault `settings` */
export function checkSettings({ host, keys, allowKeyless, names, limits, answers }: ServerSettings): void {
  const { queued, graceMs, ...positive } = limits;
  checkNumbers(positive, "limits", 1);
  checkNumbers({ queued, graceMs }, "limits", 0);
  const { temperature, ...counts } = answers;
  checkNumbers(counts, "answers", 1);
  if (!(temperature >= 0 && temperature <= 2))
    throw new ServeFault("settings", `answers.temperature: expected 0 to 2, found ${temperature}`);
  if (new Set(Object.values(names)).size < 3)
    throw new ServeFault("settings", `names: expected three different ones, found ${JSON.stringify(names)}`);
  const bad = keys.findIndex((key) => key.length < shortestKey || !/^[\x21-\x7e]+$/.test(key));
  if (bad >= 0) {
    const expected = `at least ${shortestKey} printable characters without spaces`;
    throw new ServeFault("settings", `keys: expected ${expected}, found another thing as number ${bad + 1}`);
  }
  if (keys.length > 0 || allowKeyless || isLoopback(host)) return;
  throw new ServeFault(
    "settings",
    `host: expected a loopback address where no key is set, found "${host}": ` +
      "set a key, or allow it explicitly where nothing untrusted reaches that address",
  );
}
