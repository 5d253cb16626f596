// The contestant file: what is read, and for every mistake the file, line, field, expectation and finding.
import { describe, expect, it } from "vitest";
import { parseContestants } from "../../../src/inference/index.ts";

const local = `
- id: local-7b
  provider: openai
  baseUrl: http://127.0.0.1:8000/v1
  model: some/model-7b
  contextTokens: 32768
  maxOutputTokens: 4096
  prices: { inputPerMillion: 0, outputPerMillion: 0 }
`;

function problemsOf(text: string) {
  const parsed = parseContestants(text, "c.yaml");
  if (parsed.ok) throw new Error("it was accepted");
  return parsed.problems.map(
    ({ file, line, field, expected, found }) => `${file}:${line} ${field}: ${expected}; ${found}`,
  );
}

describe("parseContestants", () => {
  it("reads YAML, with defaults where there is one, and nothing where there is none", () => {
    expect(parseContestants(local, "c.yaml")).toEqual({
      ok: true,
      contestants: [
        {
          id: "local-7b",
          provider: "openai",
          baseUrl: "http://127.0.0.1:8000/v1",
          model: "some/model-7b",
          contextTokens: 32768,
          maxOutputTokens: 4096,
          prices: { inputPerMillion: 0, outputPerMillion: 0 },
          answer: "edits",
          attempts: 3,
        },
      ],
    });
  });

  it("reads JSON and every field", () => {
    const full = {
      id: "x",
      provider: "openai",
      model: "m",
      keyEnv: "SOME_KEY",
      temperature: 0.25,
      seed: 3,
      contextTokens: 1000,
      maxOutputTokens: 100,
      prices: { inputPerMillion: 1, outputPerMillion: 2, cachedInputPerMillion: 0.5 },
      answer: "diff",
      attempts: 1,
      prompts: { reviewer: "mine.md" },
      vendor: "v",
      tokenizer: "models/mine",
      retrieval: "bm25",
      outputLimitField: "max_tokens",
      extra: { reasoning_effort: "high" },
      maxConcurrent: 4,
      requestTimeoutSeconds: 60,
    };
    expect(parseContestants(JSON.stringify([full]), "c.json")).toEqual({ ok: true, contestants: [full] });
  });

  it.each([
    [
      local.replace("model: some/model-7b\n", "modle: x\n"),
      ['c.yaml:5 1.modle: no such field; "x"', "c.yaml:2 1.model: the name the provider knows; nothing"],
    ],
    [
      local.replace("openai", "openia"),
      ['c.yaml:3 1.provider: one of openai, anthropic, google, a1; "openia"'],
    ],
    [
      local.replace("inputPerMillion: 0, ", ""),
      [
        "c.yaml:8 1.prices.inputPerMillion: US dollars per million tokens, 0 for a model of your own; nothing",
      ],
    ],
    [
      local.replace("4096", "40960"),
      ["c.yaml:7 1.maxOutputTokens: less than contextTokens, which holds prompt and answer; 40960"],
    ],
    [local.replace("local-7b", "gold"), ['c.yaml:2 1.id: a name that is not a control\'s; "gold"']],
    [
      local.replace("http:", "file:"),
      ['c.yaml:4 1.baseUrl: an http or https address; "file://127.0.0.1:8000/v1"'],
    ],
    [
      local.replace("baseUrl: http://127.0.0.1:8000/v1", "vendor: v"),
      [
        "c.yaml:2 1.keyEnv: the name of the environment variable that holds the key: the provider's own address asks for one; nothing",
      ],
    ],
    [`${local}${local.trimStart()}`, ['c.yaml:9 2.id: a name no other has; "local-7b"']],
    [
      "id: x",
      [
        'c.yaml:1 (the whole file): a list of contestants, each with id, provider, model, contextTokens, maxOutputTokens, prices; {"id":"x"}',
      ],
    ],
    [
      "",
      [
        "c.yaml:1 (the whole file): a list of contestants, each with id, provider, model, contextTokens, maxOutputTokens, prices; null",
      ],
    ],
  ])("names line and field of a mistake (%#)", (text, problems) => {
    expect(problemsOf(text).sort()).toEqual([...problems].sort());
  });

  it("does not show a key that was written where its variable's name belongs", () => {
    const key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
    const [problem] = problemsOf(local.replace("model:", `keyEnv: ${key}\n  model:`));
    expect(problem).toContain("c.yaml:5 1.keyEnv: the name of an environment variable, not a key");
    expect(problem).not.toContain("ijkl");
  });

  it("says that Anthropic's API takes neither temperature nor seed", () => {
    const text = local
      .replace("openai", "anthropic")
      .replace("model:", "seed: 1\n  temperature: 0\n  model:");
    expect(problemsOf(text)).toHaveLength(2);
  });

  it("reports a syntax error with its line, and unresolved aliases without throwing", () => {
    expect(problemsOf("- id: x\n  model: [\n")[0]).toMatch(
      /^c\.yaml:[23] \(the whole file\): YAML or JSON; /,
    );
    expect(problemsOf("- *nobody\n")[0]).toMatch(/^c\.yaml:1 \(the whole file\): YAML or JSON/);
  });
});
