// Speaks to one supervisor: one request at a time, in order, and a fault for everything once it has gone.
import {
  decodeReply,
  encodeExec,
  encodeRead,
  encodeRemove,
  encodeWrite,
  FrameReader,
  protocolVersion,
  type Reply,
} from "./protocol.ts";
import { type ExecRequest, type ExecResult, SandboxFault } from "./types.ts";

/** How long the supervisor may take beyond a command's own time: killing, reaping, a busy host. */
const graceMs = 60_000;
const fileOperationMs = 120_000;

interface Waiting {
  onReply(reply: Reply): void;
  onLost(fault: SandboxFault): void;
}

type Ended = Extract<Reply, { kind: "ended" }>;

/** Collects what a command said until its end. */
class ExecAnswer {
  readonly #chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };

  add(reply: Extract<Reply, { kind: "output" }>): void {
    // Copied: the frame is a view of a larger network buffer that would stay alive with it.
    this.#chunks[reply.stream].push(Buffer.from(reply.bytes));
  }

  result(ended: Ended): ExecResult {
    const stdout = Buffer.concat(this.#chunks.stdout);
    const stderr = Buffer.concat(this.#chunks.stderr);
    const { outcome, wallMs, cpuMs, stdoutBytes, stderrBytes } = ended;
    const truncated = stdout.length < stdoutBytes || stderr.length < stderrBytes;
    return { outcome, stdout, stderr, stdoutBytes, stderrBytes, truncated, wallMs, cpuMs };
  }
}

export class SupervisorClient {
  readonly #requests: NodeJS.WritableStream;
  readonly #frames = new FrameReader();
  readonly #disconnect: () => void;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: Waiting | undefined;
  #lost: SandboxFault | undefined;
  #greeting: Reply | undefined;

  /** `disconnect` frees whatever the connection holds; a supervisor that is still there sees its input end. */
  constructor(
    requests: NodeJS.WritableStream,
    replies: NodeJS.ReadableStream,
    disconnect: () => void = () => {},
  ) {
    this.#requests = requests;
    this.#disconnect = disconnect;
    replies.on("data", (bytes: Buffer) => this.#receive(bytes));
    replies.on("error", (error) => this.lose(`its output broke: ${error.message}`));
    replies.on("close", () => this.lose("its output closed"));
    replies.on("end", () => this.lose("its output ended"));
    requests.on("error", (error) => this.lose(`its input broke: ${error.message}`));
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Every request, pending or to come, gets this fault; the first reason stays. */
  lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new SandboxFault("supervisor-lost", `the sandbox's supervisor is gone: ${why}`, {
      retryable: true,
    });
    this.#waiting?.onLost(this.#lost);
    this.#disconnect();
  }

  /** Waits for the supervisor's greeting. @throws SandboxFault supervisor-lost, engine-timeout */
  async ready(timeoutMs: number): Promise<void> {
    const reply =
      this.#greeting ?? (await this.#converse(undefined, timeoutMs, (got) => got.kind === "hello"));
    if (reply.kind !== "hello" || reply.version !== protocolVersion) {
      this.lose(`it speaks another protocol: ${JSON.stringify(reply)}`);
      throw this.#lost;
    }
  }

  exec(request: ExecRequest): Promise<ExecResult> {
    const frame = encodeExec(request);
    return this.#inTurn(async () => {
      const answer = new ExecAnswer();
      const ended = await this.#converse(frame, request.timeoutMs + graceMs, (reply) => {
        if (reply.kind === "output") answer.add(reply);
        return reply.kind === "ended";
      });
      if (ended.kind !== "ended") throw new Error(`bug: exec ended with ${ended.kind}`);
      return answer.result(ended);
    });
  }

  write(path: string, mode: number, content: Buffer): Promise<{ ok: boolean; error?: string }> {
    return this.#done(encodeWrite(path, mode, content));
  }

  remove(path: string): Promise<{ ok: boolean; error?: string }> {
    return this.#done(encodeRemove(path));
  }

  read(path: string, maxBytes: number): Promise<{ content?: Buffer; error?: string }> {
    const frame = encodeRead(path, maxBytes);
    return this.#inTurn(async () => {
      const reply = await this.#converse(frame, fileOperationMs, (got) => got.kind === "content");
      if (reply.kind !== "content") throw new Error(`bug: read ended with ${reply.kind}`);
      return reply.ok ? { content: reply.bytes } : { error: reply.bytes.toString("utf8") };
    });
  }

  #done(frame: Buffer): Promise<{ ok: boolean; error?: string }> {
    return this.#inTurn(async () => {
      const reply = await this.#converse(frame, fileOperationMs, (got) => got.kind === "done");
      if (reply.kind !== "done") throw new Error(`bug: a file request ended with ${reply.kind}`);
      return reply.ok ? { ok: true } : { ok: false, error: reply.error };
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Sends and waits for the reply `isLast` accepts. Nothing else can be waiting meanwhile. */
  #converse(frame: Buffer | undefined, timeoutMs: number, isLast: (reply: Reply) => boolean): Promise<Reply> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise<Reply>((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        end();
      };
      const timer = setTimeout(() => {
        const why = `the sandbox's supervisor did not answer within ${Math.round(timeoutMs / 1000)} s`;
        settle(() => reject(new SandboxFault("engine-timeout", why, { retryable: true })));
        this.lose("it did not answer in time");
      }, timeoutMs);
      this.#waiting = {
        onReply: (reply) => {
          if (isLast(reply)) settle(() => resolve(reply));
          else if (reply.kind !== "output") this.lose(`an unexpected ${reply.kind}`);
        },
        onLost: (fault) => settle(() => reject(fault)),
      };
      if (frame !== undefined) this.#requests.write(frame);
    });
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) this.#dispatch(decodeReply(frame));
    } catch (error) {
      this.lose(`it sent something that is no reply: ${error instanceof Error ? error.message : error}`);
    }
  }

  #dispatch(reply: Reply): void {
    if (reply.kind === "fatal") this.lose(reply.error);
    else if (this.#waiting !== undefined) this.#waiting.onReply(reply);
    else if (reply.kind === "hello") this.#greeting = reply;
    else this.lose(`an unasked ${reply.kind}`);
  }
}
