// Reads git objects by id through one long-lived `git cat-file --batch`, so that no file costs a process.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { RetrieverFault } from "../fault.ts";
import { abortedFault, gitMissing, startGit } from "./git.ts";

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer;
}

interface Waiting {
  readonly id: string;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

/** Requests in flight at once: enough to keep git busy, few enough that answers do not pile up in memory. */
const inFlightLimit = 64;
/** A process that nobody has asked for so long is let go: an evaluation opens a hundred repositories. */
const defaultIdleMs = 5_000;

/** Asks in order, answers in order; at most {@link inFlightLimit} requests are with git at any time. */
export class ObjectReader implements AsyncDisposable {
  readonly #repository: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #ended: Promise<void> = Promise.resolve();
  readonly #queue: Waiting[] = [];
  readonly #sent: Waiting[] = [];
  #buffers: Buffer[] = [];
  #buffered = 0;
  #wanted = 0;
  #header: { id: string; type: string; size: number } | undefined;
  #closed = false;
  #idle: NodeJS.Timeout | undefined;

  readonly #idleMs: number;

  constructor(repository: string, idleMs = defaultIdleMs) {
    this.#repository = repository;
    this.#idleMs = idleMs;
  }

  /** Undefined when the repository has no such object. `id` is a full hexadecimal object id. */
  get(id: string): Promise<GitObject | undefined> {
    if (!/^[0-9a-f]{40,64}$/.test(id)) return Promise.resolve(undefined);
    if (this.#closed) return Promise.reject(abortedFault(new Error("the object reader is closed")));
    return new Promise((resolve, reject) => {
      this.#queue.push({ id, resolve, reject });
      this.#send();
    });
  }

  /** @throws RetrieverFault object-missing when the object is absent or of another type */
  async need(id: string, type: string): Promise<Buffer> {
    const found = await this.get(id);
    if (found?.type === type) return found.content;
    throw new RetrieverFault(
      "object-missing",
      `expected ${type} ${id} in ${this.#repository}, found ${found?.type ?? "no such object"}: fetch it completely`,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#child?.kill("SIGKILL");
    this.#fail(abortedFault(new Error("the object reader was closed")));
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = startGit(this.#repository, ["cat-file", "--batch"]);
    let said = "";
    child.stdout.on("data", (part: Buffer) => this.#take(part));
    child.stderr.on("data", (part: Buffer) => {
      said = (said + part.toString("utf8")).slice(0, 500);
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (cause) => {
      if (this.#child === child) this.#fail(gitMissing(cause));
    });
    this.#ended = new Promise((resolve) => {
      child.on("close", (code) => {
        resolve();
        // One that was let go has nothing to answer for.
        if (this.#child !== child) return;
        this.#child = undefined;
        this.#fail(
          new RetrieverFault(
            "repository-unreadable",
            `git cat-file ended with ${code} in ${this.#repository}: ${said.trim()}`,
          ),
        );
      });
    });
    return child;
  }

  #letGoWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#closed || this.#sent.length > 0) return;
    this.#idle = setTimeout(() => {
      this.#child?.stdin.end();
      this.#child = undefined;
    }, this.#idleMs).unref();
  }

  #fail(cause: unknown): void {
    for (const waiting of [...this.#sent.splice(0), ...this.#queue.splice(0)]) waiting.reject(cause);
    this.#buffers = [];
    this.#buffered = 0;
    this.#wanted = 0;
    this.#header = undefined;
  }

  #send(): void {
    let lines = "";
    while (this.#sent.length < inFlightLimit) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#sent.push(next);
      lines += `${next.id}\n`;
    }
    if (lines === "") {
      this.#letGoWhenIdle();
      return;
    }
    clearTimeout(this.#idle);
    this.#child ??= this.#start();
    this.#child.stdin.write(lines);
  }

  #take(part: Buffer): void {
    this.#buffers.push(part);
    this.#buffered += part.length;
    if (this.#buffered < this.#wanted) return;
    let bytes = this.#buffers.length === 1 ? part : Buffer.concat(this.#buffers);
    for (let rest = this.#answer(bytes); rest !== undefined; rest = this.#answer(bytes)) bytes = rest;
    this.#buffers = bytes.length === 0 ? [] : [bytes];
    this.#buffered = bytes.length;
    this.#send();
  }

  /** Takes one answer off the bytes; undefined when it is not there in full. */
  #answer(bytes: Buffer): Buffer | undefined {
    if (this.#header === undefined) {
      const end = bytes.indexOf(10);
      if (end < 0) return undefined;
      const [id = "", type = "", size = ""] = bytes.toString("latin1", 0, end).split(" ");
      const rest = bytes.subarray(end + 1);
      if (!/^\d+$/.test(size)) {
        this.#sent.shift()?.resolve(undefined);
        return rest;
      }
      this.#header = { id, type, size: Number(size) };
      return rest;
    }
    const { id, type, size } = this.#header;
    this.#wanted = size + 1;
    if (bytes.length < this.#wanted) return undefined;
    this.#wanted = 0;
    this.#header = undefined;
    // A copy: a view would keep the whole pipe buffer alive.
    const content = Buffer.from(bytes.subarray(0, size));
    this.#sent.shift()?.resolve({ id, type, content });
    return bytes.subarray(size + 1);
  }
}
