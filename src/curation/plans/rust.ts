// Rust: crates fetched once, then the tests of the crates the change and its tests touch.
import type { PlanInput, PlanParts } from "../plan-inference.ts";
import { tomlList, tomlTable, tomlTables, tomlText } from "../toml.ts";

/** The Rust of our image, for the note that a crate wants a newer one. */
const imageRust = [1, 85] as const;

interface Crate {
  readonly name: string;
  /** Folder of its Cargo.toml, "" for the root. */
  readonly folder: string;
  readonly rustVersion?: string;
}

function folderOf(manifest: string): string {
  return manifest === "Cargo.toml" ? "" : manifest.slice(0, -"/Cargo.toml".length);
}

function crateOf(manifest: string, text: string): Crate | undefined {
  const tables = tomlTables(text);
  const pack = tomlTable(tables, "package");
  const name = tomlText(pack, "name");
  if (name === undefined) return undefined;
  const rustVersion = tomlText(pack, "rust-version");
  return { name, folder: folderOf(manifest), ...(rustVersion === undefined ? {} : { rustVersion }) };
}

function owner(path: string, crates: readonly Crate[]): Crate | undefined {
  return crates
    .filter((crate) => crate.folder === "" || path.startsWith(`${crate.folder}/`))
    .sort((one, other) => other.folder.length - one.folder.length)
    .at(0);
}

/** A workspace pattern: one `*` stands for one folder name. */
function matches(pattern: string, folder: string): boolean {
  const expression = pattern
    .replace(/\/$/, "")
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/]*");
  return new RegExp(`^${expression}$`).test(folder);
}

/** Crates outside the root's workspace are built by their own manifest. */
function isMember(crate: Crate, root: string): boolean {
  if (crate.folder === "") return true;
  const tables = tomlTables(root);
  const workspace = tomlTable(tables, "workspace");
  if (tomlList(workspace, "exclude").some((pattern) => matches(pattern, crate.folder))) return false;
  const isPathDependency = root.includes(`"${crate.folder}"`);
  return isPathDependency || tomlList(workspace, "members").some((pattern) => matches(pattern, crate.folder));
}

function isNewer(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > imageRust[0] || (major === imageRust[0] && minor > imageRust[1]);
}

function toolchainNotes(input: PlanInput, crates: readonly Crate[]): string[] {
  const pinned = input.files.filter((file) => /^rust-toolchain(\.toml)?$/.test(file));
  const newer = crates.filter((crate) => crate.rustVersion !== undefined && isNewer(crate.rustVersion));
  return [
    ...pinned.map(
      (file) => `${file} pins a toolchain: the image's Rust ${imageRust.join(".")} is used instead`,
    ),
    ...newer.map(
      (crate) => `${crate.name} wants Rust ${crate.rustVersion}, the image has ${imageRust.join(".")}`,
    ),
  ];
}

interface Target {
  /** Arguments that choose what is tested. */
  readonly words: string;
  readonly manifest?: string;
  readonly note: string;
}

function targetOf(input: PlanInput, crates: readonly Crate[], root: string | undefined): Target {
  const touched = [...input.testPaths, ...input.goldPaths];
  const owners = touched.map((path) => owner(path, crates)).filter((crate) => crate !== undefined);
  const found = [...new Map(owners.map((crate) => [crate.name, crate])).values()];
  const members = found.filter((crate) => root !== undefined && isMember(crate, root));
  if (members.length > 0) {
    const names = members.map((crate) => crate.name);
    return {
      words: names.map((name) => ` -p ${name}`).join(""),
      note: `only the crates touched are tested: ${names.join(", ")}`,
    };
  }
  const [alone] = found;
  if (alone !== undefined && alone.folder !== "") {
    const manifest = `${alone.folder}/Cargo.toml`;
    const note = `${alone.name} is outside the root's workspace: tested by its own manifest`;
    return { words: ` --manifest-path ${manifest}`, manifest, note };
  }
  return {
    words: " --workspace",
    note: "the whole workspace is tested: no crate of it is seen to be touched",
  };
}

export function rustPlan(input: PlanInput): PlanParts {
  const root = input.texts.get("Cargo.toml");
  const manifests = [...input.texts].filter(([file]) => /(^|\/)Cargo\.toml$/.test(file));
  const crates = manifests.map(([file, text]) => crateOf(file, text)).filter((crate) => crate !== undefined);
  const target = targetOf(input, crates, root);
  const home = target.manifest === undefined ? "" : folderOf(target.manifest);
  const lock = home === "" ? "Cargo.lock" : `${home}/Cargo.lock`;
  const locked = input.files.includes(lock);
  const manifest = target.manifest === undefined ? "" : ` --manifest-path ${target.manifest}`;
  return {
    // Without a lock file the newest crates that the image's Rust can still compile are taken.
    prepare: [
      locked
        ? `cargo fetch --locked${manifest}`
        : `CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo fetch${manifest}`,
    ],
    job: { run: `cargo test --offline${target.words}`, runner: "libtest" },
    notes: [
      target.note,
      "default features only: see the repository's own workflow for others",
      ...(locked
        ? []
        : [`no ${lock}: the newest crates that the image's Rust compiles are taken at preparation`]),
      ...toolchainNotes(input, crates),
    ],
  };
}
