// Which settings a model folder ends up with, and how a wrong one is named.
import { describe, expect, it } from "vitest";
import { settingsOf } from "../../../../retriever/dense/settings.ts";

const read = (given: { file?: unknown; options?: unknown; model?: unknown; tokenizer?: unknown }) =>
  settingsOf({
    file: { path: "m/rerank.json", json: given.file ?? {} },
    options: { path: "options", json: given.options ?? {} },
    model: { path: "m/config.json", json: given.model ?? {} },
    tokenizer: { path: "m/tokenizer_config.json", json: given.tokenizer ?? {} },
  });

describe("settings of a model folder", () => {
  it("are an embedding model's, mean pooled and normalised, when nothing is said", () => {
    expect(read({})).toEqual({
      kind: "embedding",
      queryPrefix: "",
      passagePrefix: "",
      pooling: "mean",
      normalise: true,
      maxTokens: 512,
      batchTokens: 4096,
      padTokenId: 0,
    });
  });

  it("take kind, length and padding from the model's own files", () => {
    const model = {
      architectures: ["RobertaForSequenceClassification"],
      pad_token_id: 1,
      max_position_embeddings: 514,
    };
    expect(read({ model, tokenizer: { model_max_length: 256 } })).toMatchObject({
      kind: "cross-encoder",
      maxTokens: 256,
      padTokenId: 1,
    });
  });

  it("do not believe a length that means no limit, nor fields of another shape", () => {
    const tokenizer = { model_max_length: 1e30 };
    expect(read({ tokenizer, model: { architectures: "x", pad_token_id: null } })).toMatchObject({
      maxTokens: 512,
    });
  });

  it("prefer the file to the model's files, and the caller's options to the file", () => {
    const file = { maxTokens: 1024, pooling: "cls", queryPrefix: "query: " };
    const settings = read({
      file,
      options: { pooling: "last", queryPrefix: undefined },
      tokenizer: { model_max_length: 256 },
    });
    expect(settings).toMatchObject({ maxTokens: 1024, pooling: "last", queryPrefix: "query: " });
  });

  it.each([
    [{ file: { pooling: "max" } }, /m\/rerank\.json: pooling: .*"mean"\|"cls"\|"last"/],
    [{ file: { pooling: "mean", prefix: "x" } }, /m\/rerank\.json: whole: .*"prefix"/],
    [{ file: { maxTokens: 2.5 } }, /m\/rerank\.json: maxTokens: .*expected int/],
    [{ options: { batchTokens: 0 } }, /options: batchTokens: .*>=1/],
    [{ file: [] }, /m\/rerank\.json: whole: .*expected object/],
    [{ model: 3 }, /m\/config\.json: whole: .*expected object/],
  ])("name the file, the field and what was expected: %j", (given, message) => {
    expect(() => read(given)).toThrow(
      expect.objectContaining({ code: "model-unusable", message: expect.stringMatching(message) }),
    );
  });
});
