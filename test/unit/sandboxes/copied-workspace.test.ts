// Layers laid over each other by copying: a later one takes the place of whatever stands there, as an overlay's does.
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { thisOwner } from "../../../sandboxes/owner.ts";
import { openWorkspace, type Workspace } from "../../../sandboxes/workspace.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-copied-test-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const linkTo = "-> ";

/** A layer of files; a text that begins with an arrow makes a link. */
async function layer(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const at = join(home, name, "work", path);
    await mkdir(dirname(at), { recursive: true });
    if (text.startsWith(linkTo)) await symlink(text.slice(linkTo.length), at);
    else await writeFile(at, text);
  }
  return join(home, name);
}

async function merged(layers: readonly string[]): Promise<Workspace> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return openWorkspace({
    stateFolder: join(home, "state"),
    run: "copied",
    owner: await thisOwner(),
    layers,
    diskMb: 16,
    judged: { uid, gid },
    kind: "copy",
    supervisor: "/nonexistent",
  });
}

describe("a copied workspace", () => {
  it("replaces files by folders, folders by files, and links by either", async () => {
    const base = await layer("base", {
      "a.py": "a\n",
      "pkg/b.py": "b\n",
      "pkg/c.py": "c\n",
      real: "real\n",
      "folder/in.txt": "in\n",
      link: "-> real",
      "linked-folder": "-> folder",
      "to-be-link": "x\n",
    });
    const delta = await layer("delta", {
      "a.py/b.py": "new\n",
      pkg: "a file\n",
      link: "mine\n",
      "linked-folder/in.txt": "mine\n",
      "to-be-link": "-> real",
    });
    const workspace = await merged([base, delta]);
    const text = (path: string) => readFile(join(workspace.work, path), "utf8");
    expect(await text("a.py/b.py")).toBe("new\n");
    expect(await text("pkg")).toBe("a file\n");
    expect(await text("link")).toBe("mine\n");
    expect(await text("real")).toBe("real\n");
    expect(await text("folder/in.txt")).toBe("in\n");
    expect(await text("linked-folder/in.txt")).toBe("mine\n");
    expect(await readlink(join(workspace.work, "to-be-link"))).toBe("real");
    await workspace.dispose();
  });

  it("takes a later layer's modes and texts, and keeps what it does not name", async () => {
    const base = await layer("base", { "a.py": "a\n", "d/b.py": "b\n" });
    const delta = await layer("delta", { "a.py": "A\n" });
    await chmod(join(delta, "work", "a.py"), 0o755);
    const workspace = await merged([base, delta]);
    expect(await readFile(join(workspace.work, "a.py"), "utf8")).toBe("A\n");
    expect((await lstat(join(workspace.work, "a.py"))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(workspace.work, "d/b.py"), "utf8")).toBe("b\n");
    await workspace.dispose();
  });
});
