// What a sandbox without images may show of the host beside /usr: toolchains by their own files, never a home.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toolchains } from "../../../sandboxes/index.ts";

const host = mkdtempSync(join(tmpdir(), "arena-toolchains-"));
const home = join(host, "home/u");
afterAll(() => rmSync(host, { recursive: true, force: true }));

function files(root: string, ...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
}

beforeAll(() => {
  files(home, ".ssh/id_ed25519", "bin/go", "bin/python3", ".local/bin/python3", ".cargo/bin/rustup");
  files(home, ".local/lib/python3.11/site-packages/a.py", ".local/share/keyrings/login");
  files(join(home, ".rustup/toolchains/stable"), "bin/rustc", "lib/rustlib/x");
  writeFileSync(join(home, ".rustup/settings.toml"), 'version = "12"\ndefault_toolchain = "stable"\n');
  files(join(host, "go"), "bin/go", "pkg/tool/vet");
  files(join(host, "python"), "bin/python3", "include/python3.12/Python.h");
});

const found = (...folders: readonly string[]) => toolchains({ path: folders.join(":"), home });

describe("toolchains", () => {
  it("are known by their own files, each once, in PATH's order", () => {
    const python = join(host, "python");
    const go = join(host, "go");
    expect(found(`${python}/bin`, `${go}/bin`, `${go}/bin`, "relative/bin", "")).toEqual([python, go]);
  });

  it("never are a home, what holds it, or a folder of it that merely has programs", () => {
    // A home with a whole toolchain in it is still a home.
    files(home, "pkg/tool/vet");
    files(join(host, "home"), "bin/go", "pkg/tool/vet");
    expect(found(`${home}/bin`, `${home}/.local/bin`, join(host, "home/bin"), "/bin", "/usr/bin")).toEqual(
      [],
    );
  });

  it("are found behind rustup without showing the home's other files", () => {
    expect(found(`${home}/.cargo/bin`)).toEqual([join(home, ".rustup/toolchains/stable")]);
  });
});
