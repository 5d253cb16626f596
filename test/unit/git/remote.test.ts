// Clones brought part by part from another repository: what was fetched is there when the other one is not.
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cloneHistory, fetchCommits, fetchFiles, GitFault, Repository } from "../../../src/git/index.ts";
import { History } from "../../support/history.ts";

const made: { [Symbol.dispose](): void }[] = [];
const folder = mkdtempSync(join(tmpdir(), "arena-remote-"));
afterEach(() => {
  for (const each of made.splice(0)) each[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A pull request that is on no branch any more, as hosts keep them. */
function withPull(takesFilters: boolean) {
  const remote = new History();
  made.push(remote);
  remote.git("config", "uploadpack.allowFilter", String(takesFilters));
  const base = remote.commit({ "a.txt": "one\n", "deep/b.txt": "two\n" });
  remote.git("checkout", "--quiet", "-b", "topic");
  const head = remote.commit({ "a.txt": "changed\n" });
  remote.git("update-ref", "refs/pull/7/head", head);
  remote.git("checkout", "--quiet", "main");
  remote.git("branch", "--quiet", "-D", "topic");
  const tip = remote.commit({ "c.txt": "three\n" });
  return { remote, base, head, tip };
}

describe("a clone of a history", () => {
  it.each([true, false])(
    "has the files that were asked for, and no others (the remote takes filters: %s)",
    async (takes) => {
      const { remote, base, head, tip } = withPull(takes);
      const [path, from] = [join(folder, "o+r"), { address: remote.folder }];
      await cloneHistory(from, path);
      await fetchCommits(path, from, { commits: [head, tip], refs: ["refs/pull/7/head"] });
      await fetchFiles(path, from, [base, head]);
      renameSync(remote.folder, `${remote.folder}.away`);
      const clone = await Repository.open(path, join(folder, "scratch"));
      expect(await clone.mergeBases(tip, head)).toEqual([base]);
      expect(String(await clone.readFile(await clone.treeOf(head), "a.txt"))).toBe("changed\n");
      expect(String(await clone.readFile(await clone.treeOf(base), "deep/b.txt"))).toBe("two\n");
      expect(await clone.readFile(await clone.treeOf(tip), "c.txt")).toEqual(
        takes ? undefined : Buffer.from("three\n"),
      );
      // Nothing is missing, so nobody is asked.
      await fetchCommits(path, from, { commits: [head], refs: [] });
      await fetchFiles(path, from, [base, head]);
      renameSync(`${remote.folder}.away`, remote.folder);
    },
  );

  it("finds commits by name where no ref holds them", async () => {
    const { remote, head } = withPull(true);
    const [path, from] = [join(folder, "o+r"), { address: remote.folder }];
    await cloneHistory(from, path);
    await fetchCommits(path, from, { commits: [head], refs: ["refs/pull/8/head"] });
    const clone = await Repository.open(path, join(folder, "scratch"));
    expect(await clone.treeOf(head)).toMatch(/^[0-9a-f]{40}$/);
  });

  it("is a fault that may pass where the remote is not there, or lacks a commit, and leaves nothing behind", async () => {
    const { remote } = withPull(true);
    const path = join(folder, "o+r");
    const nowhere = cloneHistory({ address: join(folder, "nothing") }, path);
    await expect(nowhere).rejects.toBeInstanceOf(GitFault);
    await expect(nowhere).rejects.toMatchObject({ code: "remote-unreachable", retryable: true });
    await expect(Repository.open(path, join(folder, "scratch"))).rejects.toMatchObject({
      code: "repository-missing",
    });
    await cloneHistory({ address: remote.folder }, path);
    const lacking = fetchCommits(path, { address: remote.folder }, { commits: ["1".repeat(40)], refs: [] });
    await expect(lacking).rejects.toMatchObject({ code: "remote-unreachable" });
  });

  it("takes no protocol but https and files, and ends when it is told to", async () => {
    const path = join(folder, "o+r");
    const odd = cloneHistory({ address: "ext::sh -c true" }, path);
    await expect(odd).rejects.toThrow("transport 'ext' not allowed");
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    const { remote } = withPull(true);
    await expect(cloneHistory({ address: remote.folder, signal: stop.signal }, path)).rejects.toThrow(
      "enough",
    );
  });
});
