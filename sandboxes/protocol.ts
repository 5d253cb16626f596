// The supervisor's wire format: little-endian frames, private to this folder and to supervisor/*.c.
import type { ExecOutcome, ExecRequest } from "./types.ts";

export const protocolVersion = 1;
/** Longest frame either side accepts, bytes. */
export const maxFrameBytes = 256 * 1024 * 1024;

const requestKind = { exec: 1, write: 2, read: 3, remove: 4 } as const;
const replyKind = { hello: 1, output: 2, ended: 3, done: 4, content: 5, fatal: 6 } as const;

export type Reply =
  | { readonly kind: "hello"; readonly version: number }
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly bytes: Buffer }
  | {
      readonly kind: "ended";
      readonly outcome: ExecOutcome;
      readonly wallMs: number;
      readonly cpuMs: number;
      readonly stdoutBytes: number;
      readonly stderrBytes: number;
    }
  | { readonly kind: "done"; readonly ok: boolean; readonly error: string }
  | { readonly kind: "content"; readonly ok: boolean; readonly bytes: Buffer }
  | { readonly kind: "fatal"; readonly error: string };

/** What came is not what a supervisor sends: the connection cannot be trusted any more. */
export class ProtocolError extends Error {}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function bytesOf(content: string | Buffer): Buffer[] {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return [u32(bytes.length), bytes];
}

/** C strings end at a zero byte, so one inside would silently name something else. */
function text(value: string): Buffer[] {
  if (value.includes("\0")) throw new RangeError(`a zero byte in ${JSON.stringify(value.slice(0, 80))}`);
  return bytesOf(value);
}

function list(values: readonly string[]): Buffer[] {
  return [u32(values.length), ...values.flatMap(text)];
}

function frame(kind: number, parts: readonly Buffer[]): Buffer {
  const length = 1 + parts.reduce((sum, part) => sum + part.length, 0);
  if (length > maxFrameBytes) {
    throw new RangeError(`a request of ${length} bytes; at most ${maxFrameBytes} can be sent to a sandbox`);
  }
  return Buffer.concat([u32(length), Buffer.from([kind]), ...parts]);
}

/** @throws RangeError for a zero byte in any text, or a request too long to send */
export function encodeExec(request: ExecRequest): Buffer {
  return frame(requestKind.exec, [
    u32(Math.max(1, Math.min(Math.ceil(request.timeoutMs), 2 ** 31))),
    u64(Math.max(0, Math.ceil(request.maxOutputBytes))),
    ...list(request.argv),
    ...list(Object.entries(request.env).map(([name, value]) => `${name}=${value}`)),
    ...text(request.cwd),
    Buffer.from([request.stdin === undefined ? 0 : 1]),
    ...bytesOf(request.stdin ?? ""),
  ]);
}

export function encodeWrite(path: string, mode: number, content: Buffer): Buffer {
  return frame(requestKind.write, [...text(path), u32(mode), ...bytesOf(content)]);
}

export function encodeRead(path: string, maxBytes: number): Buffer {
  return frame(requestKind.read, [...text(path), u64(maxBytes)]);
}

export function encodeRemove(path: string): Buffer {
  return frame(requestKind.remove, text(path));
}

function outcomeOf(kind: number, code: number): ExecOutcome {
  switch (kind) {
    case 0:
      return { kind: "exited", code };
    case 1:
      return { kind: "signaled", signal: code };
    case 2:
      return { kind: "timed-out" };
    case 3:
      return { kind: "out-of-memory" };
    default:
      throw new ProtocolError(`an unknown outcome ${kind}`);
  }
}

function decodeEnded(body: Buffer): Reply {
  if (body.length !== 37) throw new ProtocolError(`an end of ${body.length} bytes, expected 37`);
  const number = (index: number) => Number(body.readBigUInt64LE(5 + 8 * index));
  return {
    kind: "ended",
    outcome: outcomeOf(body.readUInt8(0), body.readUInt32LE(1)),
    wallMs: number(0) / 1000,
    cpuMs: number(1) / 1000,
    stdoutBytes: number(2),
    stderrBytes: number(3),
  };
}

/** @throws ProtocolError */
export function decodeReply(payload: Buffer): Reply {
  const body = payload.subarray(1);
  const kind = payload.length === 0 ? -1 : payload.readUInt8(0);
  if (kind === replyKind.fatal) return { kind: "fatal", error: body.toString("utf8") };
  if (kind === replyKind.ended) return decodeEnded(body);
  if (body.length === 0) throw new ProtocolError(`a reply of kind ${kind} without content`);
  const first = body.readUInt8(0);
  const rest = body.subarray(1);
  switch (kind) {
    case replyKind.hello:
      return { kind: "hello", version: first };
    case replyKind.output:
      if (first !== 1 && first !== 2) throw new ProtocolError(`output of an unknown stream ${first}`);
      return { kind: "output", stream: first === 1 ? "stdout" : "stderr", bytes: rest };
    case replyKind.done:
      return { kind: "done", ok: first === 1, error: first === 1 ? "" : rest.toString("utf8") };
    case replyKind.content:
      return { kind: "content", ok: first === 1, bytes: rest };
    default:
      throw new ProtocolError(`an unknown reply ${kind}`);
  }
}

/** Cuts a stream of bytes into frames, however it was chopped up on the way. */
export class FrameReader {
  #parts: Buffer[] = [];
  #have = 0;
  #wanted: number | undefined;

  /** Frames completed by these bytes. @throws ProtocolError for an impossible length */
  push(bytes: Buffer): Buffer[] {
    this.#parts.push(bytes);
    this.#have += bytes.length;
    const frames: Buffer[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) frames.push(next);
    return frames;
  }

  #next(): Buffer | undefined {
    if (this.#wanted === undefined) {
      if (this.#have < 4) return undefined;
      this.#wanted = this.#take(4).readUInt32LE();
      if (this.#wanted === 0 || this.#wanted > maxFrameBytes) {
        throw new ProtocolError(`a frame of ${this.#wanted} bytes`);
      }
    }
    if (this.#have < this.#wanted) return undefined;
    const frame = this.#take(this.#wanted);
    this.#wanted = undefined;
    return frame;
  }

  #take(length: number): Buffer {
    const all = this.#parts.length === 1 ? this.#parts[0] : undefined;
    const joined = all ?? Buffer.concat(this.#parts);
    const rest = joined.subarray(length);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#have -= length;
    return joined.subarray(0, length);
  }
}
