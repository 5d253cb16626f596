// Reading a container over scripted commands: which files are told, in which order, and what is said of those that are not.
import { describe, expect, it } from "vitest";
import { defaultLimits, type ScriptedHandler, scriptedSandboxes } from "../../../../sandboxes/index.ts";
import { containerFiles, type FoundFile } from "../../../../src/curation/audit/container-files.ts";

type Files = Readonly<Record<string, string>>;

const exited = (stdout: string | Buffer) => ({ outcome: { kind: "exited", code: 0 }, stdout }) as const;

/** What `find` and `cat` say of these files; an archive is unpacked to the files below its number. */
function holding(files: Files, { large = "", shorter = false } = {}): ScriptedHandler {
  const named = (argv: readonly string[], path: string): boolean => {
    if (argv.includes("-name")) return /\.(whl|crate)$/.test(path);
    return argv.includes("+512k") ? path === large : path !== large;
  };
  return ({ argv, stdin = "" }) => {
    if (argv[0] === "find") {
      const roots = argv.slice(1, argv.indexOf("-type"));
      const below = Object.entries(files).filter(
        ([path]) => roots.some((root) => path.startsWith(`${root}/`)) && named(argv, path),
      );
      return exited(below.map(([path, text]) => `${Buffer.byteLength(text)} ${path}\0`).join(""));
    }
    if (argv[0] === "xargs") {
      const texts = stdin.split("\0").map((path) => files[path] ?? "");
      return exited(shorter ? "" : texts.join(""));
    }
    // The second archive is none that anything here can unpack.
    return exited("2\n");
  };
}

async function read(handler: ScriptedHandler): Promise<FoundFile[]> {
  const spec = { run: "r", image: "python", layers: [], network: "none", limits: defaultLimits } as const;
  await using sandbox = await scriptedSandboxes(handler).open(spec);
  const found: FoundFile[] = [];
  for await (const file of containerFiles(sandbox, {}, new AbortController().signal)) found.push(file);
  return found;
}

describe("containerFiles", () => {
  it("tells the tree, then packages, then what is packed in them, each in path order", async () => {
    const found = await read(
      holding({
        "/work/b.py": "two",
        "/work/a.py": "eins",
        "/work/data.bin": "x\0y",
        "/deps/venv/p.py": "p",
        "/deps/cache/p-2.0.whl": "PK\0",
        "/deps/cache/q-3.0.crate": "\0",
        "/tmp/unpacked/1/p/new.py": "newer",
      }),
    );
    expect(found).toEqual([
      { part: "tree", path: "a.py", text: "eins" },
      { part: "tree", path: "b.py", text: "two" },
      { part: "packages", path: "/deps/venv/p.py", text: "p" },
      { notRead: "packages: /deps/cache/q-3.0.crate cannot be unpacked here" },
      { part: "packages", path: "/deps/cache/p-2.0.whl!p/new.py", text: "newer" },
    ]);
  });

  it("says that a large file was not read", async () => {
    const found = await read(holding({ "/work/large.py": "x" }, { large: "/work/large.py" }));
    expect(found).toEqual([{ notRead: "tree: 1 files of over 512 KiB" }]);
  });

  it("knows nothing where files are not as long as they were listed", async () => {
    const asked = read(holding({ "/work/a.py": "x" }, { shorter: true }));
    await expect(asked).rejects.toMatchObject({ code: "engine-error", retryable: true });
  });
});
