// Asking GitHub: limits waited out, troubles survived, nothing asked twice, and what fails told as whose failure it is.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostOf } from "../../../../../src/curation/mine/github/client.ts";
import { GitHubFault } from "../../../../../src/curation/mine/github/fault.ts";
import type { RateBudget, RateWait } from "../../../../../src/curation/mine/github/limits.ts";
import { UsageError } from "../../../../../src/domain/fault.ts";
import { issue, type ModelRepository, pull, repository } from "../../../../support/github/model.ts";
import type { GitHubServer, Trouble } from "../../../../support/github/server.ts";
import { virtualClock } from "../../../../support/virtual-clock.ts";
import { asOf, clientOf, folder, type Mining, mine, server } from "./mining.ts";

/** Three rows, a page each. */
function small(): ModelRepository {
  const pulls = [10, 11, 12].map((n) => pull(n, { closes: ["o/r#1"], body: "fixes #1" }));
  return repository("o/r", { issues: [issue(1)], pulls });
}

const never = new AbortController().signal;
const onePage = { limits: { pageSize: 1 } };

/** Mines the small repository over a server that has this trouble at some requests. */
async function troubled(
  trouble: (path: string, n: number, sent: string) => Trouble | undefined,
  mining: Partial<Mining> = {},
) {
  const clock = virtualClock();
  const waits: RateWait[] = [];
  const at = await server({ repositories: [small()], now: clock.now, trouble });
  const client = { onWait: (wait: RateWait) => waits.push(wait), ...mining.client };
  const mined = await mine(at, "o/r", { answers: folder(), clock, ...onePage, ...mining, client });
  return { at, clock, waits, ids: mined.rows.map(({ id }) => id) };
}

const all = ["o__r-10", "o__r-11", "o__r-12"];
const at = (n: number, trouble: Trouble) => (_: string, count: number) => (count === n ? trouble : undefined);

function expectOnce({ answered, problems }: GitHubServer): void {
  expect(answered.filter((each, n) => answered.indexOf(each) !== n)).toEqual([]);
  expect(problems).toEqual([]);
}

describe("limits", () => {
  it.each([
    ["403 with nothing left", { kind: "primary", status: 403, resetsInSeconds: 1200 }, "primary", 1_201_000],
    ["429 with nothing left", { kind: "primary", status: 429, resetsInSeconds: 60 }, "primary", 61_000],
    [
      "a secondary limit that says how long",
      { kind: "secondary", status: 429, retryAfter: 90 },
      "secondary",
      91_000,
    ],
    ["a secondary limit that names no time", { kind: "secondary", status: 403 }, "secondary", 61_000],
  ] as const)("waits out %s, and loses nothing", async (_, trouble, kind, ms) => {
    const found = await troubled(at(4, trouble));
    expect(found.ids).toEqual(all);
    expect(found.waits).toMatchObject([{ kind }]);
    expect(found.waits[0]?.ms).toBeGreaterThan(ms - 1001);
    expect(found.waits[0]?.ms).toBeLessThanOrEqual(ms);
    expectOnce(found.at);
  });

  it("waits out what GraphQL says with a status of 200", async () => {
    const isSecond = (path: string, n: number) => path === "/graphql" && n === 2;
    const limited = { kind: "graphql-limited", resetsInSeconds: 300 } as const;
    const found = await troubled((path, n) => (isSecond(path, n) ? limited : undefined));
    expect([found.ids, found.waits]).toMatchObject([all, [{ kind: "primary", resource: "graphql" }]]);
  });

  it("never asks when nothing is left, and tells what is", async () => {
    const clock = virtualClock();
    const budgets: RateBudget[] = [];
    const spare = await server({ repositories: [small()], now: clock.now, perHour: 4 });
    const client = { onBudget: (budget: RateBudget) => budgets.push(budget) };
    const { rows } = await mine(spare, "o/r", { answers: folder(), clock, client, isAnonymous: true });
    expect(rows).toHaveLength(3);
    expect(spare.overdrawn).toBe(0);
    expect(clock.slept.length).toBeGreaterThan(1);
    expect(budgets[0]).toMatchObject({ resource: "core", limit: 4, remaining: 3 });
    expectOnce(spare);
  });

  it("gives up on one that stays, and can be interrupted while it waits", async () => {
    const stays = troubled(() => ({ kind: "secondary", status: 403 }));
    await expect(stays).rejects.toMatchObject({ code: "github-limited", retryable: true });
    const stop = new AbortController();
    const client = { onWait: () => stop.abort(new Error("enough")) };
    const stopped = troubled(() => ({ kind: "secondary", status: 403 }), { client, signal: stop.signal });
    await expect(stopped).rejects.toThrow("enough");
  });
});

describe("troubles", () => {
  it.each([
    ["502", { kind: "status", status: 502 }],
    ["503", { kind: "status", status: 503 }],
    ["a broken connection", { kind: "drop" }],
    [
      "GraphQL giving up",
      { kind: "graphql-error", message: "Something went wrong while executing your query." },
    ],
  ] as const)("asks again after %s", async (_, trouble) => {
    const found = await troubled((_path, n) => (n === 1 || n === 2 ? trouble : undefined));
    expect(found.ids).toEqual(all);
    expectOnce(found.at);
  });

  it("asks for smaller pages where GraphQL cannot put one together", async () => {
    const isHeavy = (sent: string) => /"first":(?:2\d|1\d|[2-9])\b/.test(sent);
    const trouble = (_path: string, _n: number, sent: string): Trouble | undefined =>
      isHeavy(sent) ? { kind: "status", status: 502 } : undefined;
    const found = await troubled(trouble, { limits: { pageSize: 2 } });
    expect(found.ids).toEqual(all);
    // Once it is known that two are too many nobody asks for two again.
    expect(found.at.seen.filter(({ status }) => status === 502)).toHaveLength(4);
    expectOnce(found.at);
  });

  it.each([
    ["a server that stays broken", { kind: "status", status: 502 }, "github-unreachable"],
    ["what this token may not see", { kind: "status", status: 403 }, "github-forbidden"],
    ["another shape", { kind: "body", body: { id: 1 } }, "github-answer"],
  ] as const)("is a fault: %s", async (_, trouble, code) => {
    const wrong = troubled(() => trouble);
    await expect(wrong).rejects.toBeInstanceOf(GitHubFault);
    await expect(wrong).rejects.toMatchObject({ code });
  });

  it("keeps no answer of GraphQL that is not whole", async () => {
    let isBroken = true;
    const half = { kind: "graphql-error", message: "timed out" } as const;
    const trouble = (path: string) => (isBroken && path === "/graphql" ? half : undefined);
    const known = await server({ repositories: [small()], trouble });
    const answers = folder();
    const broken = mine(known, "o/r", { answers });
    await expect(broken).rejects.toMatchObject({ code: "github-answer", retryable: true });
    isBroken = false;
    expect((await mine(known, "o/r", { answers })).rows).toHaveLength(3);
  });

  it("is somebody's mistake: a token that is refused, a stored answer that was written over", async () => {
    const known = await server({ repositories: [small()] });
    const wrong = mine(known, "o/r", { answers: folder(), client: { token: "wrong" } });
    await expect(wrong).rejects.toBeInstanceOf(UsageError);
    const answers = folder();
    await mine(known, "o/r", { answers });
    for (const name of readdirSync(answers, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".json")) writeFileSync(join(answers, name), "{}");
    await expect(mine(known, "o/r", { answers })).rejects.toThrow("expected a stored answer");
  });

  it("sends its token nowhere else, and keeps it out of what it stores", async () => {
    const answers = folder();
    const own = await server({ repositories: [small()] });
    const client = clientOf(own, { answers });
    const asking = { asOf, signal: never };
    await expect(client.get("http://127.0.0.1:1/repos/o/r", asking)).rejects.toMatchObject({
      code: "github-answer",
    });
    await client.get("/repos/o/r", asking);
    const stored = readdirSync(answers, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".json"),
    );
    expect(stored).toHaveLength(1);
    expect(readFileSync(join(answers, stored[0] ?? ""), "utf8")).not.toContain("secret-token");
  });
});

describe("what is on the disk", () => {
  it("is not asked again, wherever the run was broken off", async () => {
    const whole = await server({ repositories: [small()] });
    const { rows } = await mine(whole, "o/r", { answers: folder(), ...onePage });
    const requests = whole.seen.length;
    const clock = virtualClock();
    const answers = folder();
    let stop = new AbortController();
    let [count, stops] = [0, 0];
    const broken = await server({
      repositories: [small()],
      now: clock.now,
      trouble: () => {
        count += 1;
        if (count % 3 === 0) stop.abort(new Error("broken off"));
        return undefined;
      },
    });
    const again = async (): Promise<unknown> => {
      stop = new AbortController();
      return mine(broken, "o/r", { answers, clock, ...onePage, signal: stop.signal }).then(
        (done) => done.rows,
        (error: Error) => {
          stops += 1;
          expect(error.message).toBe("broken off");
          return again();
        },
      );
    };
    expect(await again()).toEqual(rows.map((row) => atServer(row, whole, broken)));
    expect(stops).toBeGreaterThan(3);
    // What was under way when it was broken off never got here: of each break one question may come again.
    expect(broken.seen.length).toBeLessThanOrEqual(requests + stops);
  });

  it("is asked again by a later run, and what has not changed costs nothing", async () => {
    const own = small();
    const known = await server({ repositories: [own] });
    const answers = folder();
    const first = await mine(known, "o/r", { answers, ...onePage, isAnonymous: true });
    const before = known.seen.length;
    own.issues = [issue(1, { body: "Said otherwise by now." })];
    const later = { source: { asOf: "2026-02-01T00:00:00.000Z" }, isAnonymous: true };
    const second = await mine(known, "o/r", { answers, ...onePage, ...later });
    const asked = known.seen.slice(before);
    expect(asked).toHaveLength(before);
    expect(asked.every(({ isConditional }) => isConditional)).toBe(true);
    expect(asked.filter(({ status }) => status !== 304).map(({ path }) => path)).toEqual([
      "/repos/o/r/issues/1",
    ]);
    expect(first.rows[0]?.mined.issues[0]?.body).toBe("What is wrong in 1.");
    expect(second.rows[0]?.mined.issues[0]?.body).toBe("Said otherwise by now.");
    await mine(known, "o/r", { answers, ...onePage, ...later });
    expect(known.seen).toHaveLength(2 * before);
  });
});

/** The same row as the other server tells it: their addresses differ. */
function atServer<T>(row: T, from: GitHubServer, to: GitHubServer): unknown {
  return JSON.parse(JSON.stringify(row).replaceAll(new URL(from.api).host, new URL(to.api).host));
}

it("knows the pages that belong to an API", () => {
  const apis = ["https://api.github.com", "https://api.shop.ghe.com", "https://api.example.com/api/v3"];
  expect(apis.map(hostOf)).toEqual(["github.com", "shop.ghe.com", "api.example.com"]);
});
