// What every sandbox promises whoever runs commands, moves files and lays layers; attacks are in sandbox.attacks.ts.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  makeLayer,
  openSandbox,
  python,
  run,
  type SandboxUnderTest,
  shell,
  text,
} from "../support/sandbox-case.ts";

export function sandboxContract(under: SandboxUnderTest): void {
  describe("running a command", () => commandCases(under));
  describe("files", () => fileCases(under));
  describe("layers", () => layerCases(under));
  describe("closing", () => closingCases(under));
}

function commandCases(under: SandboxUnderTest): void {
  it("gives the environment asked for and nothing else", async () => {
    await using sandbox = await openSandbox(under);
    const result = await run(sandbox, ["env"], { env: { PATH: "/usr/bin:/bin", ONLY: "this" } });
    expect(text(result).trim().split("\n").sort()).toEqual(["ONLY=this", "PATH=/usr/bin:/bin"]);
    expect(result.outcome).toEqual({ kind: "exited", code: 0 });
  });

  it("gives standard input when there is some", async () => {
    await using sandbox = await openSandbox(under);
    const long = "line\n".repeat(100_000);
    const result = await run(sandbox, ["cat"], { stdin: long });
    expect(text(result)).toBe(long);
    expect(result.stdoutBytes).toBe(long.length);
  });

  it("keeps no more output than asked and counts the rest", async () => {
    await using sandbox = await openSandbox(under);
    const result = await run(sandbox, ["head", "-c", "100000", "/dev/zero"], { maxOutputBytes: 1000 });
    expect(result.stdout).toEqual(Buffer.alloc(1000));
    expect(result).toMatchObject({ stdoutBytes: 100_000, stderrBytes: 0, truncated: true });
    const whole = await run(sandbox, ["head", "-c", "1000", "/dev/zero"], { maxOutputBytes: 1000 });
    expect(whole).toMatchObject({ stdoutBytes: 1000, truncated: false });
  });

  it("says 127 for a command that does not exist", async () => {
    await using sandbox = await openSandbox(under);
    const result = await run(sandbox, ["no-such-command"]);
    expect(result.outcome).toEqual({ kind: "exited", code: 127 });
    expect(result.stderr.toString("utf8")).toContain("no-such-command");
  });

  it("refuses to start once aborted", async () => {
    await using sandbox = await openSandbox(under);
    const reason = new Error("enough");
    await expect(run(sandbox, ["true"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(openSandbox(under, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it.runIf(under.runsCode)("tells exit codes and signals apart", async () => {
    await using sandbox = await openSandbox(under);
    expect((await shell(sandbox, "exit 42")).outcome).toEqual({ kind: "exited", code: 42 });
    expect((await shell(sandbox, "exit 137")).outcome).toEqual({ kind: "exited", code: 137 });
    expect((await shell(sandbox, "kill -9 $$")).outcome).toEqual({ kind: "signaled", signal: 9 });
    expect((await shell(sandbox, "kill -SEGV $$")).outcome).toEqual({ kind: "signaled", signal: 11 });
  });

  it.runIf(under.runsCode)(
    "says 126 for what cannot be run and a folder that cannot be entered",
    async () => {
      await using sandbox = await openSandbox(under);
      await sandbox.write("/work/data", Buffer.from("not a program"));
      expect((await run(sandbox, ["/work/data"])).outcome).toEqual({ kind: "exited", code: 126 });
      expect((await run(sandbox, ["true"], { cwd: "/missing" })).outcome).toEqual({
        kind: "exited",
        code: 126,
      });
    },
  );

  it.runIf(under.runsCode)("keeps the two streams apart, byte for byte", async () => {
    await using sandbox = await openSandbox(under);
    const program = "import os\nfor i in range(300): os.write(1, bytes(range(256))); os.write(2, b'e')";
    const result = await python(sandbox, program);
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect(result.stdout.equals(Buffer.concat(Array.from({ length: 300 }, () => all)))).toBe(true);
    expect(result.stderr.toString("utf8")).toBe("e".repeat(300));
  });

  it.runIf(under.runsCode)("counts the processor time of the whole tree", async () => {
    await using sandbox = await openSandbox(under);
    const spin = "python3 -c 'import time\nwhile time.process_time() < 0.3: pass'";
    const result = await shell(sandbox, `${spin} & ${spin} & wait`);
    expect(result.cpuMs).toBeGreaterThanOrEqual(600);
    expect(result.wallMs).toBeGreaterThan(0);
  });

  it("answers concurrent requests one after another", async () => {
    await using sandbox = await openSandbox(under);
    const results = await Promise.all(["a", "b", "c"].map((stdin) => run(sandbox, ["cat"], { stdin })));
    expect(results.map(text)).toEqual(["a", "b", "c"]);
  });
}

function fileCases(under: SandboxUnderTest): void {
  it("writes, reads and removes, making parents", async () => {
    await using sandbox = await openSandbox(under);
    const content = Buffer.from([0, 1, 255, 10, 13, 0]);
    expect(await sandbox.write("/work/deep/down/file", content)).toEqual({ ok: true });
    expect(await sandbox.read("/work/deep/down/file", 100)).toEqual({ content });
    expect(await sandbox.write("/work/deep/down/file", Buffer.from("other"))).toEqual({ ok: true });
    expect((await sandbox.read("/work/deep/down/file", 5)).content?.toString()).toBe("other");
    expect(await sandbox.remove("/work/deep/down/file")).toEqual({ ok: true });
    expect((await sandbox.read("/work/deep/down/file", 100)).content).toBeUndefined();
  });

  it("carries empty and large files", async () => {
    await using sandbox = await openSandbox(under);
    const large = Buffer.alloc(5_000_000, "abcdefg");
    await sandbox.write("/tmp/large", large);
    expect((await sandbox.read("/tmp/large", large.length)).content?.equals(large)).toBe(true);
    await sandbox.write("/tmp/empty", Buffer.alloc(0));
    expect((await sandbox.read("/tmp/empty", 0)).content).toEqual(Buffer.alloc(0));
  });

  it("says why a file cannot be read", async () => {
    await using sandbox = await openSandbox(under);
    await sandbox.write("/work/file", Buffer.from("1234567890"));
    expect(await sandbox.read("/work/file", 9)).toEqual({ error: "/work/file: larger than may be read" });
    const missing = await sandbox.read("/work/missing", 9);
    expect(missing.content).toBeUndefined();
    expect(missing.error).toContain("/work/missing");
  });

  it("removes a folder with all in it, and what is not there without complaint", async () => {
    await using sandbox = await openSandbox(under);
    await sandbox.write("/work/folder/a/b", Buffer.from(""));
    await sandbox.write("/work/folder/c", Buffer.from(""));
    expect(await sandbox.remove("/work/folder")).toEqual({ ok: true });
    expect(await sandbox.remove("/work/folder/a/b")).toEqual({ ok: true });
    expect((await sandbox.read("/work/folder/c", 10)).content).toBeUndefined();
  });

  it.each(["relative/path", "/work/../etc/x", "/work/..", "/work/a\0b"])(
    "refuses the path %j",
    async (path) => {
      await using sandbox = await openSandbox(under);
      expect((await sandbox.write(path, Buffer.from("x"))).ok).toBe(false);
      expect((await sandbox.read(path, 10)).content).toBeUndefined();
      expect((await sandbox.remove(path)).ok).toBe(false);
    },
  );

  it("writes nowhere but in /work, /deps and /tmp", async () => {
    await using sandbox = await openSandbox(under);
    for (const path of ["/x", "/etc/x", "/usr/bin/x", "/.arena/x", "/sys/x"]) {
      expect((await sandbox.write(path, Buffer.from("x"))).ok, path).toBe(false);
    }
  });

  it.runIf(under.runsCode)("marks what is to be run, and replaces what is read-only", async () => {
    await using sandbox = await openSandbox(under);
    await sandbox.write("/work/tool", Buffer.from("#!/bin/sh\necho ran\n"), { executable: true });
    expect(text(await run(sandbox, ["/work/tool"]))).toBe("ran\n");
    await shell(sandbox, "chmod 0444 tool; ln tool hardlink");
    expect(await sandbox.write("/work/tool", Buffer.from("new"))).toEqual({ ok: true });
    expect(text(await shell(sandbox, "stat -c %a tool; cat hardlink"))).toBe("644\n#!/bin/sh\necho ran\n");
  });

  it.runIf(under.runsCode)("never goes through a link, for writing, reading or removing", async () => {
    await using sandbox = await openSandbox(under);
    await shell(
      sandbox,
      "mkdir real; echo secret > real/file; ln -s real/file link; ln -s real folder; ln -s /etc/passwd outside",
    );
    for (const path of ["/work/link", "/work/folder/file", "/work/outside"]) {
      expect((await sandbox.read(path, 1000)).content, path).toBeUndefined();
      expect((await sandbox.write(path, Buffer.from("changed"))).ok, path).toBe(false);
    }
    expect((await sandbox.remove("/work/folder/file")).ok).toBe(false);
    expect((await sandbox.remove("/work/link")).ok).toBe(true);
    expect(text(await shell(sandbox, "cat real/file; ls"))).toBe("secret\nfolder\noutside\nreal\n");
  });

  it.runIf(under.runsCode)("takes only plain files for files", async () => {
    await using sandbox = await openSandbox(under);
    await shell(sandbox, "mkfifo pipe; mkdir folder");
    for (const path of ["/work/pipe", "/work/folder", "/dev/zero"]) {
      expect((await sandbox.read(path, 1000)).content, path).toBeUndefined();
      expect((await sandbox.write(path, Buffer.from("x"))).ok, path).toBe(false);
    }
  });
}

function layerCases(under: SandboxUnderTest): void {
  const lower = makeLayer({
    "work/a": "lower a",
    "work/b": "lower b",
    "work/sub/c": "lower c",
    "deps/d": "lower d",
  });
  const upper = makeLayer({ "work/b": "upper b", "work/sub/e": "upper e" });

  it("merges layers, the last one highest", async () => {
    await using sandbox = await openSandbox(under, { layers: [lower, upper] });
    const seen = await Promise.all(
      ["/work/a", "/work/b", "/work/sub/c", "/work/sub/e", "/deps/d"].map((path) => sandbox.read(path, 100)),
    );
    expect(seen.map((file) => file.content?.toString())).toEqual([
      "lower a",
      "upper b",
      "lower c",
      "upper e",
      "lower d",
    ]);
  });

  it("shows a pristine tree to every sandbox and never changes a layer", async () => {
    await using first = await openSandbox(under, { layers: [lower] });
    await first.write("/work/a", Buffer.from("changed"));
    await first.write("/work/new", Buffer.from("new"));
    await first.remove("/work/sub/c");
    await using second = await openSandbox(under, { layers: [lower] });
    expect((await second.read("/work/a", 100)).content?.toString()).toBe("lower a");
    expect((await second.read("/work/sub/c", 100)).content?.toString()).toBe("lower c");
    expect((await second.read("/work/new", 100)).content).toBeUndefined();
    expect(readFileSync(join(lower, "work/a"), "utf8")).toBe("lower a");
    expect(existsSync(join(lower, "work/new"))).toBe(false);
  });

  it("snapshots what was written into a layer that can be laid over the others", async () => {
    const snapshot = mkdtempSync(join(tmpdir(), "swing-arena-test-snapshot-"));
    {
      await using sandbox = await openSandbox(under, { layers: [lower] });
      await sandbox.write("/work/a", Buffer.from("snapshot a"));
      await sandbox.write("/deps/new/file", Buffer.from("snapshot new"));
      await sandbox.write("/tmp/left", Buffer.from("not part of it"));
      await sandbox.snapshot(join(snapshot, "layer"));
    }
    await using again = await openSandbox(under, { layers: [lower, join(snapshot, "layer")] });
    expect((await again.read("/work/a", 100)).content?.toString()).toBe("snapshot a");
    expect((await again.read("/work/b", 100)).content?.toString()).toBe("lower b");
    expect((await again.read("/deps/new/file", 100)).content?.toString()).toBe("snapshot new");
    expect((await again.read("/tmp/left", 100)).content).toBeUndefined();
  });

  it.runIf(under.provider.capabilities.limitsDisk)(
    "snapshots deletions and renamed folders too",
    async () => {
      const snapshot = mkdtempSync(join(tmpdir(), "swing-arena-test-snapshot-"));
      {
        await using sandbox = await openSandbox(under, { layers: [lower] });
        await shell(sandbox, "rm a; mv sub moved; mkdir b.d; ln -s b link");
        await sandbox.snapshot(join(snapshot, "layer"));
      }
      await using again = await openSandbox(under, { layers: [lower, join(snapshot, "layer")] });
      expect(text(await shell(again, "find . | sort; readlink link"))).toBe(
        ".\n./b\n./b.d\n./link\n./moved\n./moved/c\nb\n",
      );
    },
  );

  it.runIf(under.runsCode)("gives the layers to the judged user", async () => {
    await using sandbox = await openSandbox(under, { layers: [lower] });
    const result = await shell(
      sandbox,
      "echo more >> a && rm b && mv sub elsewhere && cat a elsewhere/c && ls",
    );
    expect(text(result)).toBe("lower amore\nlower ca\nelsewhere\n");
  });
}

function sandboxesIn(stateFolder: string): string[] {
  return readdirSync(stateFolder).flatMap((name) => readdirSync(join(stateFolder, name)));
}

function closingCases(under: SandboxUnderTest): void {
  it("leaves nothing behind and may be asked twice", async () => {
    const before = sandboxesIn(under.stateFolder);
    const sandbox = await openSandbox(under);
    await sandbox.write("/work/file", Buffer.alloc(1_000_000));
    await sandbox[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
    expect(sandboxesIn(under.stateFolder)).toEqual(before);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(under.stateFolder);
  });

  it("is no sandbox any more afterwards", async () => {
    const sandbox = await openSandbox(under);
    await sandbox[Symbol.asyncDispose]();
    await expect(run(sandbox, ["true"])).rejects.toThrow();
  });

  it("names its image and what every step gets", async () => {
    const { provider, image } = under;
    expect(await provider.imageDigest(image)).toBe(await provider.imageDigest(image));
    expect(await provider.imageEnv(image)).toMatchObject({
      HOME: "/deps/home",
      TZ: "UTC",
      PIP_NO_INDEX: "1",
    });
  });
}
