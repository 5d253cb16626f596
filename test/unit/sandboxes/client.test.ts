// The supervisor's client against a peer that misbehaves: every way to lose it is one fault, and stays one.
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { SupervisorClient } from "../../../sandboxes/client.ts";

function frame(...payload: number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(payload.length);
  return Buffer.concat([length, Buffer.from(payload)]);
}

function connected() {
  const [requests, replies] = [new PassThrough(), new PassThrough()];
  return { requests, replies, client: new SupervisorClient(requests, replies) };
}

const lost = { isFault: true, code: "supervisor-lost" };

describe("SupervisorClient", () => {
  it("greets whether the greeting comes before or after it is waited for", async () => {
    const early = connected();
    early.replies.write(frame(1, 1));
    await new Promise((resolve) => setImmediate(resolve));
    await early.client.ready(5_000);
    const late = connected();
    const ready = late.client.ready(5_000);
    late.replies.write(frame(1, 1));
    await ready;
  });

  it("refuses another version of the protocol", async () => {
    const { client, replies } = connected();
    replies.write(frame(1, 99));
    await expect(client.ready(5_000)).rejects.toMatchObject(lost);
  });

  it("answers requests in the order they were made", async () => {
    const { client, replies, requests } = connected();
    const both = Promise.all([client.remove("/work/a"), client.remove("/work/b")]);
    requests.on("data", () => replies.write(frame(4, 1)));
    expect(await both).toEqual([{ ok: true }, { ok: true }]);
  });

  it.each([
    ["ends", (replies: PassThrough) => replies.end()],
    ["breaks", (replies: PassThrough) => replies.destroy(new Error("broken"))],
    ["sends garbage", (replies: PassThrough) => replies.write(Buffer.from("garbage garbage"))],
    ["sends an unknown reply", (replies: PassThrough) => replies.write(frame(99, 1))],
    ["answers another question", (replies: PassThrough) => replies.write(frame(5, 1))],
    ["gives up", (replies: PassThrough) => replies.write(frame(6, 111, 104))],
  ])("faults what is pending and what comes later when the peer %s", async (_, misbehave) => {
    const { client, replies } = connected();
    const pending = client.remove("/work/a");
    const queued = client.read("/work/b", 1);
    misbehave(replies);
    await expect(pending).rejects.toMatchObject(lost);
    await expect(queued).rejects.toMatchObject(lost);
    await expect(client.remove("/work/c")).rejects.toMatchObject(lost);
    expect(client.lost).toBe(true);
  });

  it("loses a peer that says something unasked", async () => {
    const { client, replies } = connected();
    replies.write(frame(4, 1));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(client.remove("/work/a")).rejects.toMatchObject(lost);
  });

  it("does not wait for ever", async () => {
    const { client } = connected();
    await expect(client.ready(10)).rejects.toMatchObject({ isFault: true, code: "engine-timeout" });
    expect(client.lost).toBe(true);
  });
});
