// The twenty-line agent of the examples plays a real battle in containers, against a scripted model server over HTTP.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeIssue, smokePatch, smokeSet } from "../support/http-contestants.ts";
import { type ScriptedEndpoint, type SeenRequest, scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { root } from "../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-agent-battle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = join(folder, "run");
const key = "sk-only-the-host-knows";

const messagesOf = ({ body }: SeenRequest): unknown[] => (Array.isArray(body.messages) ? body.messages : []);
const shell = (script: string) =>
  ({ kind: "answer", text: `First this:\n\`\`\`sh\n${script}\n\`\`\`\n` }) as const;
const applied = (patch: string) => `git apply <<'PATCH'\n${patch}PATCH\ngit status --short; ls /deps/task`;

/** Looks around, applies what resolves the issue or tests it, and says that it is done. */
function play(seen: SeenRequest) {
  const step = messagesOf(seen).length;
  if (step === 2) return shell("ls; env | sort; cat $ARENA_TASK_JSON");
  if (step > 4) return { kind: "answer", text: "DONE" } as const;
  return shell(
    applied(smokePatch(seen.prompt.includes("You are the *reviewer*") ? "test.patch" : "gold.patch")),
  );
}

const entry = (baseUrl: string) => `
- id: twenty-lines
  command: [python3, /deps/agent/agent.py]
  agent: { files: ${join(root, "examples", "agent")}, deadlineSeconds: 120, requests: 10 }
  provider: openai
  baseUrl: ${baseUrl}
  model: m-1
  keyEnv: ARENA_TEST_AGENT_KEY
  contextTokens: 32000
  maxOutputTokens: 4000
  prices: { inputPerMillion: 1, outputPerMillion: 2 }
`;

const plan = z.object({
  modelCalls: z.number(),
  worstCaseTokens: z.number(),
  contestants: z.array(z.object({ id: z.string(), modelCalls: z.number().optional() })),
});
const shown = z.object({
  battles: z.array(z.object({ battleId: z.string(), verdicts: z.array(z.string()) })),
});
const battle = z.object({
  rounds: z.array(
    z.object({
      submitter: z.string(),
      record: z.object({
        submission: z.object({ status: z.string() }),
        label: z.string(),
        review: z.object({ status: z.string() }),
        effect: z.string(),
      }),
      submitterUsage: z.object({ inputTokens: z.number(), costUsd: z.number() }),
      reviewerUsage: z.object({ inputTokens: z.number(), costUsd: z.number() }),
    }),
  ),
});

let endpoint: ScriptedEndpoint | undefined;
let played: Awaited<ReturnType<typeof arena>> | undefined;
const file = join(folder, "agents.yaml");
const settings = ["--rounds", "2", "--repeats", "1", "--no-panel", "--workers", "1", "--only", smokeIssue];

beforeAll(async () => {
  process.env.ARENA_TEST_AGENT_KEY = key;
  endpoint = await scriptedEndpoint(play);
  writeFileSync(file, entry(endpoint.baseUrl));
  if ((await engineForTests(["python"])) === undefined) return;
  const where = ["--run", run, "--sandbox", "docker", "--seed", "agents"];
  played = await arena("play", smokeSet, "--contestants", `${file},gold`, ...settings, ...where, "--json");
});
afterAll(async () => {
  delete process.env.ARENA_TEST_AGENT_KEY;
  await endpoint?.[Symbol.asyncDispose]();
});

describe("a plan with an agent", () => {
  it("reckons with every request it may make, and starts nothing", async () => {
    const planned = await arena(
      "play",
      smokeSet,
      "--contestants",
      `${file},gold`,
      ...settings,
      "--dry-run",
      "--json",
    );
    expect(planned.code, planned.stderr).toBe(0);
    const { modelCalls, worstCaseTokens, contestants } = plan.parse(JSON.parse(planned.stdout));
    // Two turns, three attempts each, ten requests a run, a full window each.
    expect([modelCalls, worstCaseTokens]).toEqual([60, 60 * 32_000]);
    expect(contestants).toEqual([{ id: "twenty-lines", modelCalls: 60 }, { id: "gold" }]);
    expect(endpoint?.requests.length ?? 0).toBe(played === undefined ? 0 : 6);
  });

  it("refuses what an agent cannot be, by line", async () => {
    const wrong = join(folder, "wrong.yaml");
    writeFileSync(wrong, `${entry("http://localhost:1/v1")}  temperature: 1\n`);
    const refused = await arena("play", smokeSet, "--contestants", `${wrong},gold`, "--dry-run");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("wrong.yaml:12: 1.temperature"),
    ]);
    const twin = await arena("play", smokeSet, "--contestants", `${file}#twenty-lines@bm25`, "--dry-run");
    expect([twin.code, twin.stderr]).toEqual([
      2,
      expect.stringContaining("is an agent and reads the checkout itself"),
    ]);
    writeFileSync(
      wrong,
      entry("http://localhost:1/v1").replace(join(root, "examples", "agent"), "./nowhere"),
    );
    const missing = await arena("play", smokeSet, "--contestants", `${wrong},gold`, "--dry-run");
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining("agent.files: expected a folder"),
    ]);
  });
});

describe("[engine] a battle of an agent", () => {
  it("is played to its end in both roles", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    expect(played?.code, played?.stderr).toBe(0);
    const [first] = shown.parse(JSON.parse((await arena("show", run, "--json")).stdout)).battles;
    const one = battle.parse(JSON.parse((await arena("show", run, first?.battleId ?? "", "--json")).stdout));
    const submitted = one.rounds.find(({ submitter }) => submitter === "twenty-lines");
    const reviewed = one.rounds.find(({ submitter }) => submitter === "gold");
    expect(submitted?.record).toMatchObject({ submission: { status: "valid" }, label: "resolved" });
    expect(reviewed?.record).toMatchObject({ review: { status: "valid" }, effect: "survived" });
    // Three requests of 10 and 5 tokens in each role.
    expect(submitted?.submitterUsage).toEqual({ inputTokens: 30, costUsd: expect.closeTo(60e-6) });
    expect(reviewed?.reviewerUsage).toEqual({ inputTokens: 30, costUsd: expect.closeTo(60e-6) });
  });

  it("asks the endpoint with the key that its sandbox never had", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const requests = endpoint?.requests ?? [];
    expect(requests).toHaveLength(6);
    expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${key}`]));
    expect(requests.filter(({ prompt }) => prompt.includes(key))).toEqual([]);
    expect(requests.filter(({ body }) => body.max_tokens !== 4000)).toEqual([]);
  });

  it("shows the agent its role, the issue and the checkout, and nothing hidden", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const requests = endpoint?.requests ?? [];
    const mine = requests.filter(({ prompt }) => prompt.includes("You are the *submitter*"));
    expect(mine).toHaveLength(3);
    expect(mine[0]?.prompt).toContain("All of it lies in the checkout.");
    expect(mine[1]?.prompt).toContain("OPENAI_BASE_URL=http://127.0.0.1:4871/v1");
    const added = /^\+(.{20,})$/m.exec(smokePatch("test.patch"))?.[1] ?? "";
    expect(added).not.toBe("");
    // Its own third step writes the hidden tests; before that nobody has seen them.
    const before = requests.filter((seen) => messagesOf(seen).length <= 4 || mine.includes(seen));
    expect(before).toHaveLength(5);
    expect(before.filter(({ prompt }) => prompt.includes(added))).toEqual([]);
  });

  it("keeps logs and requests as evidence", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const [name = ""] = readdirSync(join(run, "battles"));
    const rounds = ["round-1", "round-2"].flatMap((round) => {
      const at = join(run, "battles", name, round);
      return readdirSync(at).map((each) => join(at, each));
    });
    const agents = rounds.filter((path) => path.includes("-agent-1"));
    expect(agents.map((path) => path.replace(/^.*-agent-1/, "")).sort()).toEqual([
      ...["-requests.jsonl", "-requests.jsonl", "-stderr.txt", "-stderr.txt", "-stdout.txt", "-stdout.txt"],
      ...[".json", ".json"],
    ]);
    const ended = agents.filter((path) => path.endsWith("-agent-1.json"));
    for (const path of ended)
      expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
        end: { kind: "exited", code: 0 },
        totals: { requests: 3, refused: 0 },
      });
    for (const path of rounds) expect(readFileSync(path, "latin1"), path).not.toContain(key);
  });

  it("is not run again by whoever goes on", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const again = await arena("play", "--resume", run, "--json");
    expect(again.code, again.stderr).toBe(0);
    expect(endpoint?.requests).toHaveLength(6);
  });

  it("is refused with another agent", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("requests: 10", "requests: 11"));
    const changed = await arena("play", "--resume", run);
    writeFileSync(file, text);
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining("twenty-lines: agentSha256 was"),
    ]);
  });
});
