// Agents in a contestant file: what makes one, what may stand beside it, and what is refused with its place.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseContestants } from "../../../src/inference/index.ts";
import { root } from "../../support/source.ts";

const entry = (more: string, provider = "openai") => `
- id: mine
  provider: ${provider}
  baseUrl: http://localhost:8000/v1
  model: m-1
  contextTokens: 32768
  maxOutputTokens: 4096
  prices: { inputPerMillion: 1, outputPerMillion: 2 }
${more}`;

const problems = (text: string) => {
  const parsed = parseContestants(text, "agents.yaml");
  return parsed.ok ? [] : parsed.problems.map(({ line, field, expected }) => [line, field, expected]);
};

describe("an agent in a contestant file", () => {
  it("is an entry with a command, its files looked for beside the file", () => {
    const text = entry(
      "  command: [python3, /deps/agent/agent.py]\n  agent: { files: mine, deadlineSeconds: 60, requests: 5, environment: { MODE: fast } }",
    );
    const parsed = parseContestants(text, "/somewhere/agents.yaml");
    expect(parsed).toMatchObject({
      ok: true,
      contestants: [
        {
          command: ["python3", "/deps/agent/agent.py"],
          agent: {
            files: "/somewhere/mine",
            deadlineSeconds: 60,
            requests: 5,
            environment: { MODE: "fast" },
          },
        },
      ],
    });
  });

  it.each([
    ["  command: []", 9, "1.command"],
    ["  command: python3", 9, "1.command"],
    ["  agent: { requests: 5 }", 9, "1.agent"],
    ["  command: [x]\n  temperature: 0.5", 10, "1.temperature"],
    ["  command: [x]\n  retrieval: none", 10, "1.retrieval"],
    ["  command: [x]\n  agent: { deadlineSeconds: 0 }", 10, "1.agent.deadlineSeconds"],
    ["  command: [x]\n  agent: { environment: { OPENAI_API_KEY: x } }", 10, "1.agent.environment"],
    ["  command: [x]\n  agent: { network: host }", 10, "1.agent.network"],
  ])("refuses %j", (more, line, field) => {
    const found = problems(entry(more));
    expect(found.map(([at, name]) => [at, name])).toEqual([[line, field]]);
  });

  it("speaks a protocol that can be carried", () => {
    expect(problems(entry("  command: [x]", "google"))).toEqual([
      [3, "1.provider", expect.stringContaining("openai or anthropic")],
    ]);
  });
});

describe("the examples", () => {
  it.each(["examples/agent", "examples/agent/mini-swe-agent"])("%s is an agent with its files", (folder) => {
    const file = join(root, folder, "contestants.yaml");
    const parsed = parseContestants(readFileSync(file, "utf8"), file);
    expect(parsed).toMatchObject({
      ok: true,
      contestants: [{ command: expect.any(Array), agent: { files: join(root, folder) } }],
    });
  });

  it("are what the paper shows", () => {
    const paper = readFileSync(join(root, "docs/agents.md"), "utf8");
    const shown = /```yaml\n([\s\S]*?)```/.exec(paper)?.[1] ?? "nothing";
    expect(readFileSync(join(root, "examples/agent/contestants.yaml"), "utf8")).toContain(shown);
  });
});
