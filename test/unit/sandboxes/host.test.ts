// What sandboxes know of their host: owners, mirrors, image names, environments, tools.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineCall, statusOf } from "../../../sandboxes/engine-call.ts";
import { mirrorIn } from "../../../sandboxes/image-build.ts";
import { envOver, imageReference, stepEnv } from "../../../sandboxes/images.ts";
import { ensureSupervisor } from "../../../sandboxes/index.ts";
import {
  folderName,
  isAlive,
  ownerFromFolder,
  ownerFromLabels,
  ownerLabels,
  thisOwner,
} from "../../../sandboxes/owner.ts";
import { runTool } from "../../../sandboxes/tool.ts";

describe("owner", () => {
  it("is known again from its folder and its labels", async () => {
    const owner = await thisOwner();
    expect(ownerFromFolder(folderName(owner, "ab12"))).toEqual(owner);
    expect(ownerFromLabels({ other: "label", ...ownerLabels(owner) })).toEqual(owner);
    expect(ownerFromFolder("something else")).toBeUndefined();
    expect(ownerFromLabels({ "swing-arena.run": "x" })).toBeUndefined();
  });

  it("lives until its process ends, and no other process counts as it", async () => {
    const owner = await thisOwner();
    expect(await isAlive(owner)).toBe(true);
    expect(await isAlive({ ...owner, startTicks: "1" })).toBe(false);
    expect(await isAlive({ ...owner, bootId: "another boot" })).toBe(false);
    const child = spawn("true");
    await once(child, "exit");
    expect(await isAlive({ ...owner, pid: child.pid ?? 0 })).toBe(false);
  });

  it("counts as living where nobody can tell", async () => {
    expect(await isAlive({ ...(await thisOwner()), pid: 999_999_999, pidNamespace: "1" })).toBe(true);
  });
});

describe("images", () => {
  it("name a language's image by its content and leave other references alone", () => {
    expect(imageReference("python")).toMatch(/^swing-arena\/python:[0-9a-f]{12}$/);
    expect(imageReference("rust")).not.toBe(imageReference("go"));
    expect(imageReference("ghcr.io/x/y@sha256:00")).toBe("ghcr.io/x/y@sha256:00");
  });

  it("put what judged code can write last on the path", () => {
    const entries = stepEnv().PATH?.split(":") ?? [];
    const firstOwn = entries.findIndex((entry) => entry.startsWith("/deps"));
    expect(firstOwn).toBeGreaterThan(0);
    expect(entries.slice(firstOwn).every((entry) => entry.startsWith("/deps"))).toBe(true);
  });

  it("keep a foreign image's variables under ours", () => {
    const env = envOver(["PATH=/opt/tool/bin:/bin", "TOOL_HOME=/opt/tool", "HOME=/root", "A=b=c"]);
    expect(env).toMatchObject({ TOOL_HOME: "/opt/tool", HOME: "/deps/home", A: "b=c" });
    expect(env.PATH).toMatch(/^\/opt\/tool\/bin:\/bin:/);
  });
});

describe("mirrorIn", () => {
  it.each([
    ["Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\n", "http://mirror.example/debian"],
    ["deb [signed-by=/k.gpg] https://mirror.example/debian/ trixie main\n", "https://mirror.example/debian/"],
    ["# deb http://old.example/debian x main\ndeb https://other.example/apt y main\n", undefined],
    ["", undefined],
  ])("reads %j", (text, expected) => {
    expect(mirrorIn(text)).toBe(expected);
  });
});

describe("engineCall", () => {
  const failing = (fields: object) => () =>
    Promise.reject(Object.assign(new Error("said the engine"), fields));

  it.each([
    [{ code: "ECONNREFUSED" }, { code: "engine-unreachable", retryable: true }],
    [{ statusCode: 500 }, { code: "engine-error", retryable: true }],
    [{ statusCode: 400 }, { code: "engine-error", retryable: false }],
    [{ statusCode: 500, message: "write: no space left on device" }, { code: "host-disk-full" }],
  ])("tells %j apart", async (fields, expected) => {
    await expect(engineCall("trying", 5_000, failing(fields))).rejects.toMatchObject({
      isFault: true,
      ...expected,
    });
  });

  it("keeps the status for whoever knows what it means", async () => {
    const error = await engineCall("trying", 5_000, failing({ statusCode: 404 })).catch(
      (caught: unknown) => caught,
    );
    expect(statusOf(error)).toBe(404);
  });

  it("ends a call that does not come back, and one nobody wants any more", async () => {
    const never = () => new Promise<never>(() => {});
    await expect(engineCall("waiting", 10, never)).rejects.toMatchObject({ code: "engine-timeout" });
    const reason = new Error("enough");
    const abort = new AbortController();
    const call = engineCall("waiting", 60_000, never, abort.signal);
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});

describe("host programs", () => {
  it("are run without a shell and missing ones are a code", async () => {
    expect(await runTool(["echo", "$HOME; ls"])).toMatchObject({ code: 0, stdout: "$HOME; ls\n" });
    expect((await runTool(["no-such-program"])).code).toBe(127);
    expect((await runTool(["sleep", "60"], { timeoutMs: 50 })).code).toBe(137);
  });

  it("compile the supervisor once, and it refuses to run outside a sandbox", async () => {
    const cache = mkdtempSync(join(tmpdir(), "swing-arena-test-supervisor-"));
    const [path, again] = await Promise.all([ensureSupervisor(cache), ensureSupervisor(cache)]);
    expect(again).toBe(path);
    const result = await runTool([path, "serve", "65534", "65534", "0", "0"]);
    expect(result).toMatchObject({ code: 2, stdout: expect.stringContaining("must be process 1") });
    expect((await runTool([path])).code).toBe(64);
  });
});
