// Finds toolchains outside /usr that a sandbox without images may show: by their own files, never by PATH's word alone.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface ToolchainSearch {
  /** As in the environment: folders of programs, parted by colons. */
  readonly path: string;
  readonly home: string;
}

/** Markers of a toolchain's own root: a folder that merely has a `bin`, as homes do, may hold keys and answers. */
const markers: readonly (readonly string[])[] = [
  ["bin/go", "pkg/tool"],
  ["bin/rustc", "lib/rustlib"],
  ["bin/python3", "conda-meta"],
  ["bin/cmake", "share/cmake"],
];

const isToolchain = (root: string): boolean =>
  markers.some((files) => files.every((file) => existsSync(join(root, file)))) || isPython(root);

/** An interpreter that was built or unpacked there brings its headers; `~/.local` has scripts and packages only. */
function isPython(root: string): boolean {
  if (!existsSync(join(root, "bin/python3")) || !existsSync(join(root, "include"))) return false;
  return readdirSync(join(root, "include")).some((name) => name.startsWith("python3"));
}

/** The toolchain behind rustup's programs, which only look at settings in the home to find it. */
function behindRustup(root: string, home: string): string | undefined {
  if (!existsSync(join(root, "bin/rustup"))) return undefined;
  const folder = join(home, ".rustup");
  try {
    const settings = readFileSync(join(folder, "settings.toml"), "utf8");
    const name = /^default_toolchain\s*=\s*"([\w.-]+)"/m.exec(settings)?.[1];
    return name === undefined ? undefined : join(folder, "toolchains", name);
  } catch {
    return undefined;
  }
}

/** A folder that holds the home would show it whole. */
const holdsHome = (root: string, home: string): boolean =>
  `${resolve(home)}/`.startsWith(`${resolve(root)}/`);

/** Roots of the toolchains that PATH leads to, in its order. */
export function toolchains({ path, home }: ToolchainSearch): string[] {
  const roots = path
    .split(":")
    .filter((folder) => folder.startsWith("/") && folder.endsWith("/bin"))
    .map((folder) => dirname(folder))
    .map((root) => behindRustup(root, home) ?? root)
    .filter((root) => root !== "/usr" && !root.startsWith("/usr/bin") && !holdsHome(root, home));
  return [...new Set(roots)].filter(isToolchain);
}
