// A scripted provider that goes down and comes back on its own port, holds its answers back, and counts whatever it was asked.
import {
  type EndpointStep,
  type ScriptedEndpoint,
  type SeenRequest,
  scriptedEndpoint,
} from "./scripted-endpoint.ts";

type Answer = Extract<EndpointStep, { kind: "answer" }>;

/** Battle, round and role have a seed of their own, and a further attempt has more messages. */
export function identityOf({ body: { model, seed, messages } }: SeenRequest): string {
  return JSON.stringify([model, seed, Array.isArray(messages) ? messages.length : 0]);
}

export class FaultyProvider implements AsyncDisposable {
  readonly #script: (request: SeenRequest) => Answer;
  readonly #past: ScriptedEndpoint[] = [];
  #endpoint: ScriptedEndpoint | undefined;
  #held: Promise<void> = Promise.resolve();
  #release = (): void => {};
  /** Requests for what had been answered before. */
  readonly again: string[] = [];

  private constructor(script: (request: SeenRequest) => Answer) {
    this.#script = script;
  }

  static async open(script: (request: SeenRequest) => Answer): Promise<FaultyProvider> {
    const provider = new FaultyProvider(script);
    await provider.comeBack();
    return provider;
  }

  get baseUrl(): string {
    const { baseUrl } = this.#first;
    return baseUrl;
  }

  get requests(): readonly SeenRequest[] {
    return this.#all.flatMap(({ requests }) => requests);
  }

  get answered(): readonly SeenRequest[] {
    return this.#all.flatMap(({ answered }) => answered);
  }

  /** Connections are cut, further ones refused. */
  async goDown(): Promise<void> {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    this.#endpoint = undefined;
    this.#past.push(endpoint);
    await endpoint[Symbol.asyncDispose]();
  }

  async comeBack(): Promise<void> {
    const port = this.#past[0] === undefined ? 0 : Number(new URL(this.baseUrl).port);
    this.#endpoint = await scriptedEndpoint((request) => this.#answer(request), port);
  }

  /** No answer leaves until they are released; whoever asked waits. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
    this.#held = Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await this.goDown();
  }

  #answer(request: SeenRequest): Answer {
    const identity = identityOf(request);
    if (this.answered.some((other) => identityOf(other) === identity)) this.again.push(identity);
    const held = (): Promise<void> => this.#held;
    return {
      ...this.#script(request),
      // Asked for once the answer is due, not when the request came.
      get until() {
        return held();
      },
    };
  }

  get #all(): readonly ScriptedEndpoint[] {
    return this.#endpoint === undefined ? this.#past : [...this.#past, this.#endpoint];
  }

  get #first(): ScriptedEndpoint {
    const [first] = this.#all;
    if (first === undefined) throw new Error("the provider was never opened");
    return first;
  }
}
