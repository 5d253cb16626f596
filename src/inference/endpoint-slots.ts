// One provider's endpoint as all contestants behind it share it: how much may be asked at once, and whether it answers.

import type { Failure } from "./classify.ts";
import type { Clock } from "./clock.ts";
import type { Contestant } from "./contestants.ts";
import type { Exchange } from "./exchange.ts";
import type { ModelFaultCode } from "./model.ts";
import type { RetryPolicy } from "./retry.ts";
import { type Place, type SlotLimits, Slots } from "./slots.ts";

/** Few at first: what a provider takes is found by asking for a little more, not by being refused. */
export const defaultEndpointLimits: SlotLimits = { initial: 4, max: 100, cutFactor: 0.5 };

/** An endpoint that answers nothing is spoken of after so long, and then now and again. */
const firstWordMs = 30_000;
const nextWordMs = 600_000;
/** Of the newest: a run of days must not grow by its log. */
const mostCuts = 100;

/** That more was asked at once than the endpoint takes. */
export interface Cut {
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  readonly because: string;
}

export type EndpointEvent =
  | ({ readonly kind: "cut"; readonly endpoint: string } & Cut)
  /** Nothing was answered for so long. */
  | { readonly kind: "silent"; readonly endpoint: string; readonly forMs: number; readonly because: string }
  | { readonly kind: "back"; readonly endpoint: string; readonly afterMs: number };

export interface EndpointLoad {
  /** Provider and address, without what may be a key. */
  readonly endpoint: string;
  readonly contestants: readonly string[];
  /** Requests at once, now. */
  readonly limit: number;
  readonly running: number;
  readonly queued: number;
  /** Since when nothing was answered although it was asked, milliseconds since 1970; absent while it answers. */
  readonly silentSinceMs?: number;
  /** The newest hundred. */
  readonly cuts: readonly Cut[];
}

export interface FailedRequest {
  readonly code: ModelFaultCode;
  readonly status?: number;
  /** What the endpoint asked everybody to wait. */
  readonly pauseMs?: number;
}

export function failedRequest(
  { code, retryAfterMs }: Extract<Failure, { kind: "fault" }>,
  { status }: Pick<Exchange, "status">,
  { longestRetryAfterMs }: Pick<RetryPolicy, "longestRetryAfterMs">,
): FailedRequest {
  return {
    code,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { pauseMs: Math.min(retryAfterMs, longestRetryAfterMs) }),
  };
}

export interface EndpointDetails {
  readonly endpoint: string;
  readonly limits: SlotLimits;
  readonly onEvent?: (event: EndpointEvent) => void;
}

/** Statuses by which servers and what stands before them say that they have too much to do. */
const overloaded = new Set([502, 503, 504, 529]);

function pressureIn({ code, status }: FailedRequest): string | undefined {
  if (code === "rate-limited") return "too many requests";
  if (code === "timed-out") return "no answer in time";
  return status !== undefined && overloaded.has(status) ? `HTTP ${status}` : undefined;
}

/** Slots that are fewer after a 429, an overload or a timeout, and more with every few answers. */
export class EndpointSlots extends Slots {
  readonly #details: EndpointDetails;
  readonly #clock: Clock;
  readonly #contestants = new Set<string>();
  #wasAsked = false;
  #cuts: Cut[] = [];
  #lastHeardMs = Number.NEGATIVE_INFINITY;
  /** Since when, for people, and how long: whoever sets the clock makes no silence longer. */
  #silent: { readonly atMs: number; readonly sinceMs: number } | undefined;
  #toldMs: number | undefined;

  constructor(details: EndpointDetails, clock: Clock) {
    super(details.limits, clock);
    this.#details = details;
    this.#clock = clock;
  }

  /** False for what is asked through other ways, such as a pair's engines. */
  get wasAsked(): boolean {
    return this.#wasAsked;
  }

  override acquire(signal: AbortSignal, place?: Place): Promise<() => void> {
    this.#wasAsked = true;
    return super.acquire(signal, place);
  }

  sharedBy(contestant: string): void {
    this.#contestants.add(contestant);
  }

  /** A request was answered as it should be. */
  answered(): void {
    this.heard();
    this.succeeded();
  }

  /** The endpoint is there, whatever it said. */
  heard(): void {
    this.#lastHeardMs = this.#clock.monotonicMs();
    if (this.#toldMs !== undefined && this.#silent !== undefined)
      this.#tell({ kind: "back", afterMs: this.#lastHeardMs - this.#silent.sinceMs });
    this.#silent = undefined;
    this.#toldMs = undefined;
  }

  /** By the clock's monotonic time. */
  hasAnsweredSince(ms: number): boolean {
    return this.#lastHeardMs > ms;
  }

  failed(request: FailedRequest): void {
    const because = pressureIn(request);
    if (because !== undefined) this.#cut(because);
    if (request.pauseMs !== undefined) this.pause(request.pauseMs);
    this.#grewSilent(because ?? request.code);
  }

  load(): EndpointLoad {
    return {
      ...{ endpoint: this.#details.endpoint, contestants: [...this.#contestants] },
      ...this.snapshot(),
      ...(this.#silent === undefined ? {} : { silentSinceMs: this.#silent.atMs }),
      cuts: this.#cuts,
    };
  }

  #cut(because: string): void {
    const from = this.snapshot().limit;
    this.limited();
    const to = this.snapshot().limit;
    if (to === from) return;
    const cut = { atMs: this.#clock.now(), from, to, because };
    this.#cuts = [...this.#cuts, cut].slice(-mostCuts);
    this.#tell({ kind: "cut", ...cut });
  }

  #grewSilent(because: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#silent ??= { atMs: this.#clock.now(), sinceMs: nowMs };
    const forMs = nowMs - this.#silent.sinceMs;
    const isDue = this.#toldMs === undefined ? forMs >= firstWordMs : nowMs - this.#toldMs >= nextWordMs;
    if (!isDue) return;
    this.#toldMs = nowMs;
    this.#tell({ kind: "silent", forMs, because });
  }

  #tell(event: WithoutEndpoint<EndpointEvent>): void {
    this.#details.onEvent?.({ ...event, endpoint: this.#details.endpoint });
  }
}

type WithoutEndpoint<Event> = Event extends unknown ? Omit<Event, "endpoint"> : never;

const minutes = (ms: number): string => `${Number((ms / 60_000).toPrecision(2))} minutes`;

export function endpointEventText(event: EndpointEvent): string {
  switch (event.kind) {
    case "cut":
      return `${event.endpoint}: ${event.to} requests at once instead of ${event.from} (${event.because})`;
    case "silent":
      return `${event.endpoint} has answered nothing for ${minutes(event.forMs)} (${event.because}): it is waited for`;
    case "back":
      return `${event.endpoint} answers again after ${minutes(event.afterMs)}`;
  }
}

/** Without user, password and query: those may be keys. */
function named({ provider, baseUrl }: Contestant): string {
  if (baseUrl === undefined) return provider;
  const { origin, pathname } = new URL(baseUrl);
  return `${provider} at ${origin}${pathname}`;
}

function limitsOf({ maxConcurrent }: Contestant): SlotLimits {
  if (maxConcurrent === undefined) return defaultEndpointLimits;
  const { initial } = defaultEndpointLimits;
  return { ...defaultEndpointLimits, initial: Math.min(initial, maxConcurrent), max: maxConcurrent };
}

/** The endpoints of a run: one for all contestants with the same provider, address and key. */
export class Endpoints {
  readonly #clock: Clock;
  readonly #onEvent: ((event: EndpointEvent) => void) | undefined;
  readonly #known = new Map<string, EndpointSlots>();

  constructor(clock: Clock, onEvent?: (event: EndpointEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** Where contestants of one endpoint set it limits of their own, the lowest holds. */
  slotsOf(contestant: Contestant, apiKey = ""): EndpointSlots {
    const { id, provider, baseUrl = "", maxConcurrent } = contestant;
    const account = JSON.stringify([provider, baseUrl.replace(/\/+$/, ""), apiKey]);
    const slots = this.#known.get(account) ?? this.#open(contestant);
    this.#known.set(account, slots);
    slots.sharedBy(id);
    if (maxConcurrent !== undefined) slots.lowerTo(maxConcurrent);
    return slots;
  }

  load(): readonly EndpointLoad[] {
    return [...this.#known.values()].filter(({ wasAsked }) => wasAsked).map((slots) => slots.load());
  }

  /** Whether its endpoint was asked and has answered nothing since. */
  isSilent(contestant: string): boolean {
    return this.load().some(
      (each) => each.silentSinceMs !== undefined && each.contestants.includes(contestant),
    );
  }

  #open(contestant: Contestant): EndpointSlots {
    const onEvent = this.#onEvent;
    const details = { endpoint: named(contestant), limits: limitsOf(contestant) };
    return new EndpointSlots({ ...details, ...(onEvent === undefined ? {} : { onEvent }) }, this.#clock);
  }
}
