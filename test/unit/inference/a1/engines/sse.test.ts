// Events are the same wherever the network cuts their bytes.
import { describe, expect, it } from "vitest";
import { EventReader } from "../../../../../src/inference/a1/engines/sse.ts";

function eventsOf(...chunks: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const reader = new EventReader((data) => events.push(data));
  for (const chunk of chunks) reader.push(chunk);
  return events;
}

const stream = Buffer.from(
  ': ping\n\ndata: {"text":"ä€🙂"}\n\nevent: x\r\ndata:tight\r\ndata: and more\r\n\r\nid: 7\rdata: old\r\rdata\n\ndata: [DONE]\n\n',
);
const expected = ['{"text":"ä€🙂"}', "tight\nand more", "old", "", "[DONE]"];

describe("server-sent events", () => {
  it("are the same in two packets, cut at any byte", () => {
    for (let at = 0; at <= stream.length; at += 1)
      expect(eventsOf(stream.subarray(0, at), stream.subarray(at)), `cut at ${at}`).toEqual(expected);
  });

  it("are the same byte by byte", () => {
    expect(eventsOf(...[...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it("are not told before they are whole", () => {
    expect(eventsOf(Buffer.from("data: half"))).toEqual([]);
    expect(eventsOf(Buffer.from("data: half\n"))).toEqual([]);
    expect(eventsOf(Buffer.from("data: a\n\ndata: half\n"))).toEqual(["a"]);
  });
});
