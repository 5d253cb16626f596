// A command that git could not finish for want of room: done again once there is some, and never an answer before that.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, mustHaveRoom } from "../../../src/git/run.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-no-room-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A command of git's own that fails so often with these words, and then says how often it was asked. */
function failing(times: number, words: string): string[] {
  const asked = join(home, "asked");
  const script =
    `echo >> ${asked}; n=$(wc -l < ${asked}); ` +
    `if [ $n -le ${times} ]; then echo "${words}" >&2; exit 128; fi; echo $n`;
  return ["-c", `alias.work=!${script}`, "work"];
}

const noRoom = "error: unable to write file objects/ab: No space left on device";

describe("a command that found no room", () => {
  it.each([noRoom, "fatal: write error: Disk quota exceeded"])("is done again: %s", async (words) => {
    expect(String(await git(failing(1, words), { writesTo: [home] })).trim()).toBe("2");
  });

  it("fails when it fails again with room: words alone are believed once", async () => {
    await expect(git(failing(9, noRoom), { writesTo: [home] })).rejects.toMatchObject({ code: "git-failed" });
    expect(String(await git(failing(2, noRoom), { writesTo: [home] })).trim()).toBe("3");
  });

  it.each(["error: invalid path 'a: No space left on device'", "fatal: not a tree object"])(
    "is not done again for other words: %s",
    async (words) => {
      await expect(git(failing(1, words), { writesTo: [home] })).rejects.toMatchObject({
        code: "git-failed",
      });
    },
  );

  it("is the disk's where no further file can be made, however many bytes are free", async ({ skip }) => {
    const disk = join(home, "disk");
    mkdirSync(disk);
    const mounted = ["-t", "tmpfs", "-o", "size=256m,nr_inodes=100", "tmpfs", disk];
    if (spawnSync("mount", mounted).status !== 0)
      skip("no small file system can be mounted here: that takes root");
    try {
      await mustHaveRoom([disk]);
      for (let file = 0; file < 50; file += 1) writeFileSync(join(disk, String(file)), "");
      await expect(mustHaveRoom([disk])).rejects.toMatchObject({ code: "host-disk-full" });
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  });
});
