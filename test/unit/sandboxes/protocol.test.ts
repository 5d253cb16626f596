// The supervisor's frames, whole, in pieces, and as garbage.
import { describe, expect, it } from "vitest";
import {
  decodeReply,
  encodeExec,
  encodeRemove,
  encodeWrite,
  FrameReader,
  maxFrameBytes,
  ProtocolError,
} from "../../../sandboxes/protocol.ts";

function framed(payload: readonly number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(payload.length);
  return Buffer.concat([length, Buffer.from(payload)]);
}

describe("FrameReader", () => {
  const stream = Buffer.concat([framed([1, 2, 3]), framed([4]), framed([5, 6])]);

  it.each([1, 2, 3, 5, 100])("puts frames together from pieces of %i bytes", (size) => {
    const reader = new FrameReader();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size)
      frames.push(...reader.push(stream.subarray(at, at + size)));
    expect(frames.map((frame) => [...frame])).toEqual([[1, 2, 3], [4], [5, 6]]);
  });

  it("waits for the rest of a frame", () => {
    expect(new FrameReader().push(framed([1, 2, 3]).subarray(0, 6))).toEqual([]);
  });

  it("refuses lengths no supervisor sends", () => {
    const long = Buffer.alloc(4);
    long.writeUInt32LE(maxFrameBytes + 1);
    expect(() => new FrameReader().push(long)).toThrow(ProtocolError);
    expect(() => new FrameReader().push(Buffer.alloc(4))).toThrow(ProtocolError);
  });
});

describe("decodeReply", () => {
  const end = (outcome: number, code: number) => {
    const body = Buffer.alloc(38);
    body[0] = 3;
    body[1] = outcome;
    body.writeUInt32LE(code, 2);
    for (const [index, value] of [1500n, 2500n, 7n, 2n ** 33n].entries())
      body.writeBigUInt64LE(value, 6 + 8 * index);
    return body;
  };

  it("reads an end with its numbers", () => {
    expect(decodeReply(end(0, 3))).toEqual({
      kind: "ended",
      outcome: { kind: "exited", code: 3 },
      wallMs: 1.5,
      cpuMs: 2.5,
      stdoutBytes: 7,
      stderrBytes: 2 ** 33,
    });
  });

  it.each([
    [1, 9, { kind: "signaled", signal: 9 }],
    [2, 0, { kind: "timed-out" }],
    [3, 0, { kind: "out-of-memory" }],
  ])("reads outcome %i", (outcome, code, expected) => {
    expect(decodeReply(end(outcome, code))).toMatchObject({ outcome: expected });
  });

  it("reads output, content and refusals", () => {
    expect(decodeReply(Buffer.from([2, 2, 65]))).toEqual({
      kind: "output",
      stream: "stderr",
      bytes: Buffer.from("A"),
    });
    expect(decodeReply(Buffer.from([5, 1]))).toEqual({ kind: "content", ok: true, bytes: Buffer.alloc(0) });
    expect(decodeReply(Buffer.from([4, 0, 110, 111]))).toEqual({ kind: "done", ok: false, error: "no" });
  });

  it.each([[[]], [[1]], [[2]], [[2, 3, 65]], [[3, 0]], [[77, 1]], [[...end(9, 0)]]])(
    "refuses %j",
    (bytes) => {
      expect(() => decodeReply(Buffer.from(bytes))).toThrow(ProtocolError);
    },
  );
});

describe("requests", () => {
  const request = { argv: ["true"], cwd: "/", env: {}, timeoutMs: 1, maxOutputBytes: 0 };

  it("refuse a zero byte, which would silently name something else", () => {
    expect(() => encodeExec({ ...request, argv: ["a\0b"] })).toThrow(RangeError);
    expect(() => encodeExec({ ...request, env: { A: "\0" } })).toThrow(RangeError);
    expect(() => encodeRemove("/work/\0")).toThrow(RangeError);
  });

  it("carry their whole length in front", () => {
    const frame = encodeWrite("/work/a", 0o644, Buffer.from("content"));
    expect(frame.readUInt32LE()).toBe(frame.length - 4);
    expect(frame.subarray(-7).toString()).toBe("content");
  });
});
