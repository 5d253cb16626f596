// Codecs of the vocabularies in use: the ids that other programs give, texts that come back, segments without seams.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import llama from "llama-tokenizer-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chunkStart,
  unfinishedBytes,
  wholeCharacters,
} from "../../../../../src/inference/a1/codec/characters.ts";
import { type FolderCodec, openCodec } from "../../../../../src/inference/a1/codec/open.ts";
import { EngineFault } from "../../../../../src/inference/a1/engine.ts";
import { Transcript } from "../../../../../src/inference/a1/transcript.ts";
import { type RealTokenizer, realTokenizers, writeTokenizer } from "../../../../support/real-tokenizers.ts";

const names: readonly RealTokenizer[] = ["llama-3", "qwen", "llama-2"];
const codecs = new Map<RealTokenizer, FolderCodec>();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-codec-"));
  for (const name of names) codecs.set(name, await openCodec(await writeTokenizer(join(folder, name), name)));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function codecOf(name: RealTokenizer): FolderCodec {
  const codec = codecs.get(name);
  if (codec === undefined) throw new Error(`no codec ${name}`);
  return codec;
}

/** Texts as models write them, and what breaks tokenizers: long digits, runs of spaces, marks, composed characters. */
const pieces = [
  ..."the answer is therefore |x = |12|345|2026|0| |  |   |\n|\n\n|\t|. |, |(a+b)|\\boxed{|}|'s |don't|-|--|=>".split(
    "|",
  ),
  ..."café|cafe\u0301|n\u0303|漢字|かな|日本語の|Ωμέγα|Привет|שלום|हिन्दी|👍|👍🏽|👨‍👩‍👧|🇩🇪|\u200d|\u0301|\ufeff|\u00a0|▁|▁▁|Ġ|�".split(
    "|",
  ),
  ..."<s>|</s>|<unk>|<|im_end|>|<|eot_id|>|<think>|</think>|<0x0A>|[INST]".split("|"),
  "<|im_end|>",
  "<|eot_id|>",
];

function textsOf(seed: number, count: number): string[] {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join(""),
  );
}

/** What no tokenizer of the kind tells back: one composes characters, the other takes its mark for a space. */
function asRead(name: RealTokenizer, text: string): string {
  if (name === "qwen") return text.normalize("NFC");
  return name === "llama-2" ? text.replaceAll("▁", " ") : text;
}

const plain = [
  "Let x = 1234567, so 2x = 2469134.",
  "  indented\n\n\tand   spaced  ",
  "naïve café 漢字 👍🏽 — “quoted” don't we'll",
  "def f(a, b):\n    return a[0] + b\n",
  "\\boxed{\\frac{1}{2}}",
];

describe("ids", () => {
  it.each(plain)("are those of another program with Llama 3's way of cutting: %j", async (text) => {
    expect(await codecOf("llama-3").encode(text, "")).toEqual(cl100k(text));
  });

  it.each(plain)("are those of another program with Llama 2's vocabulary: %j", async (text) => {
    expect(await codecOf("llama-2").encode(text, "")).toEqual(llama.encode(text, false, false));
    const [prompt] = [await codecOf("llama-2").prompt([{ role: "user", content: text }])];
    expect(prompt).toEqual([1, ...llama.encode(`[INST] ${text} [/INST]`, false, true)]);
  });

  it("are of single digits where the model was taught so", async () => {
    const ids = await codecOf("qwen").encode("in 2026", "");
    expect(ids).toEqual([...cl100k("in"), ...cl100k(" "), ...[..."2026"].flatMap((digit) => cl100k(digit))]);
  });
});

describe.each(names)("%s", (name) => {
  it("gives every text back", async () => {
    for (const text of textsOf(7, 600)) {
      const ids = await codecOf(name).encode(text, "");
      expect(await codecOf(name).decode(ids)).toBe(asRead(name, text));
    }
  });

  it("gives texts in segments back, the ids of earlier ones untouched", async () => {
    for (const text of textsOf(11, 200)) {
      const cuts = [...text].map((_, index) => index);
      const transcript = new Transcript(codecOf(name), { messages: [], ids: [] });
      let last: readonly number[] = [];
      let before = 0;
      for (const cut of [...cuts.filter((at) => (at * 7 + text.length) % 3 === 0), Infinity]) {
        await transcript.append([...text].slice(before, cut).join(""));
        before = cut;
        expect(transcript.context.ids.slice(0, last.length)).toEqual(last);
        last = transcript.context.ids;
      }
      // Segments are normalised one by one, so that composed over a cut they stay apart.
      expect((await codecOf(name).decode(last)).normalize("NFC")).toBe(asRead(name, text).normalize("NFC"));
    }
  });

  it("adds no space where a segment begins", async () => {
    expect(await codecOf(name).decode(await codecOf(name).encode("word", "a "))).toBe("word");
    const joined = [
      ...(await codecOf(name).encode("under", "")),
      ...(await codecOf(name).encode("stand", "under")),
    ];
    expect(await codecOf(name).decode(joined)).toBe("understand");
  });

  it("cuts a segment as it would be cut behind what stands before it", async () => {
    const before = "\n ";
    const whole = await codecOf(name).encode(`${before} x`, "");
    const tail = await codecOf(name).encode(before, "");
    const ids = await codecOf(name).encode(" x", before);
    const joins = tail.every((id, index) => whole[index] === id);
    expect(ids).toEqual(joins ? whole.slice(tail.length) : await codecOf(name).encode(" x", ""));
  });

  it("writes special tokens that stand in a text as text", async () => {
    const special = realTokenizers[name]().config.eos_token;
    const text = typeof special === "string" ? special : special.content;
    const [end = -1] = [...codecOf(name).tokens.table.special].flatMap((flag, id) =>
      flag === 1 && codecOf(name).tokens.nameOf(id) === text ? [id] : [],
    );
    const ids = await codecOf(name).encode(`a${text}b`, "");
    expect(ids).not.toContain(end);
    expect(await codecOf(name).decode(ids)).toBe(`a${text}b`);
    const asked = await codecOf(name).prompt([{ role: "user", content: `a${text}b` }]);
    const harmless = await codecOf(name).prompt([{ role: "user", content: "ab" }]);
    const ends = (list: readonly number[]) => list.filter((id) => id === end).length;
    expect(ends(asked)).toBe(ends(harmless));
    expect(await codecOf(name).decode(asked)).toContain(`a${text}b`);
  });

  it("leaves special tokens out and tells unfinished characters", async () => {
    const [start = 0] = await codecOf(name).prompt([{ role: "user", content: "hi" }]);
    const ids = await codecOf(name).encode("ok 🫠", "");
    expect(await codecOf(name).decode([start, ...ids])).toBe("ok 🫠");
    const cut = ids.slice(0, -1);
    expect(await codecOf(name).decode(cut)).toMatch(/^ok ?\uFFFD$/);
    expect(await codecOf(name).decode(wholeCharacters(cut, codecOf(name)))).toMatch(/^ok ?$/);
    expect(wholeCharacters(ids, codecOf(name))).toEqual(ids);
  });

  it("drops just the tokens that begin an unfinished character, wherever it is cut", async () => {
    for (const text of textsOf(13, 120)) {
      const ids = await codecOf(name).encode(text, "");
      for (let count = 0; count <= ids.length; count += 1) {
        const kept = wholeCharacters(ids.slice(0, count), codecOf(name));
        expect(asRead(name, text).startsWith(await codecOf(name).decode(kept))).toBe(true);
        const dropped = await codecOf(name).decode(ids.slice(kept.length, count));
        expect(dropped === "" || (kept.length < count && dropped.includes("\uFFFD"))).toBe(true);
      }
    }
  });

  it("finds where a chunk begins, tokens that lie across the border left out", async () => {
    for (const text of textsOf(17, 200)) {
      const read = asRead(name, text);
      const ids = await codecOf(name).encode(text, "");
      const border = [...read].slice(0, Math.floor([...read].length / 2)).join("");
      const at = chunkStart(ids, border, codecOf(name));
      const bytesBefore = (count: number) => codecOf(name).bytesOf(ids.slice(0, count)).length;
      expect(bytesBefore(at)).toBeGreaterThanOrEqual(
        Math.min(Buffer.byteLength(border), bytesBefore(ids.length)),
      );
      if (at > 0) expect(bytesBefore(at - 1)).toBeLessThan(Buffer.byteLength(border));
    }
  });
});

describe("prompts", () => {
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "2+2?" },
  ] as const;

  it("are the template's, up to where the answer begins", async () => {
    const text = (name: RealTokenizer) => async () =>
      (await codecOf(name).prompt(messages)).map((id) => codecOf(name).tokens.nameOf(id)).join("");
    expect(await text("qwen")()).toBe(
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n",
    );
    expect(await text("llama-3")()).toBe(
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\n2+2?<|eot_id|>" +
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    );
  });

  it("that a template refuses are a bad request, with the template's words", async () => {
    const refused = codecOf("llama-2").prompt(messages);
    await expect(refused).rejects.toThrow(EngineFault);
    await expect(refused).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(/tokenizer_config\.json.*Roles must alternate.*What to do/),
    });
  });

  it("know the day they are told, and no other", async () => {
    const template = "{{ strftime_now('%d %B %Y') }}: {{ messages[0].content }}";
    await writeFile(join(folder, "llama-2", "chat_template.jinja"), template);
    const dated = async (day?: Date) => {
      const codec = await openCodec(join(folder, "llama-2"), day === undefined ? {} : { day });
      return await codec.decode(await codec.prompt([{ role: "user", content: "x" }]));
    };
    expect(await dated()).toBe(" 26 July 2024: x");
    expect(await dated(new Date(Date.UTC(2026, 0, 5)))).toBe(" 05 January 2026: x");
    await rm(join(folder, "llama-2", "chat_template.jinja"));
  });
});

describe("unfinished bytes", () => {
  it.each([
    [[], 0],
    [[0x61], 0],
    [[0xf0, 0x9f, 0x91], 3],
    [[0x61, 0xf0, 0x9f], 2],
    [[0xe6, 0xbc], 2],
    [[0xc3], 1],
    [[0xf0, 0x9f, 0x91, 0x8d], 0],
    [[0xe6, 0xbc, 0xa2], 0],
    // Bytes that no character begins with, or goes on with: waiting for more would not help.
    [[0x80], 0],
    [[0xc0], 0],
    [[0xff], 0],
    [[0xed, 0xa0], 0],
    [[0xf4, 0x90], 0],
    [[0xe0, 0x80], 0],
    [[0xf0, 0x80, 0x80], 0],
  ])("of %j are %i", (bytes, count) => {
    expect(unfinishedBytes(Uint8Array.from(bytes))).toBe(count);
  });
});

describe("folders that cannot be used", () => {
  it.each([
    ["tokenizer.json", "{", /tokenizer\.json: expected JSON/],
    ["tokenizer.json", '{"model": {}}', /tokenizer\.json: model\.vocab: /],
    [
      "tokenizer.json",
      JSON.stringify({ ...realTokenizers.qwen().tokenizer, decoder: { type: "WordPiece" } }),
      /decoder: expected ByteLevel.*found WordPiece/,
    ],
    ["tokenizer_config.json", "{}", /chat_template.*found neither/],
    [
      "tokenizer_config.json",
      '{"chat_template": "{% if %}"}',
      /tokenizer_config\.json: expected a Jinja template/,
    ],
    ["chat_template.jinja", "{{ oops", /chat_template\.jinja: expected a Jinja template/],
  ])("%s (%#)", async (file, content, message) => {
    const bad = await writeTokenizer(join(folder, "bad"), "qwen");
    await writeFile(join(bad, file), content);
    const opened = openCodec(bad);
    await expect(opened).rejects.toMatchObject({ code: "unusable", retryable: false });
    await expect(opened).rejects.toThrow(message);
    await rm(bad, { recursive: true });
  });

  it("have no tokenizer", async () => {
    await expect(openCodec(join(folder, "nowhere"))).rejects.toThrow(
      /tokenizer\.json: expected a tokenizer, found no/,
    );
  });
});
