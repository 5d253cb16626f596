// Rust: crates fetched once, then the tests of the crates the change and its tests touch.
import type { PlanInput, PlanParts } from "../plan-inference.ts";
import { type TomlTable, tomlList, tomlTable, tomlTables, tomlText } from "../toml.ts";

/** The Rust of our image, for the note that a crate wants a newer one. */
const imageRust = [1, 85] as const;

interface Crate {
  readonly name: string;
  /** Folder of its Cargo.toml, "" for the root. */
  readonly folder: string;
  readonly rustVersion?: string;
  readonly tables: readonly TomlTable[];
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
  return { name, folder: folderOf(manifest), tables, ...(rustVersion === undefined ? {} : { rustVersion }) };
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

/** Names `--features` knows: what is declared, and dependencies that are optional. */
function featuresOf(tables: readonly TomlTable[]): Set<string> {
  const isDependencies = /(^|\.)dependencies$/;
  const optional = tables.flatMap(({ name, values }) => {
    if (isDependencies.test(name))
      return [...values].filter(([, value]) => /optional\s*=\s*true/.test(String(value))).map(([key]) => key);
    const owner = name.slice(0, name.lastIndexOf("."));
    return isDependencies.test(owner) && values.get("optional") === "true"
      ? [name.slice(owner.length + 1)]
      : [];
  });
  return new Set([...tomlTable(tables, "features").values.keys(), ...optional]);
}

/** Features without which a test file is compiled to nothing: `#![cfg(feature = "x")]`, one or all of several. */
function gatesOf(text: string): string[] {
  const gates = [...text.replace(/\/\/.*$/gm, "").matchAll(/#!\[\s*cfg\s*\(([^\]]*)\)\s*\]/g)];
  return gates
    .map(([, condition = ""]) => condition)
    .filter((condition) => !/\b(?:not|any)\s*\(/.test(condition))
    .flatMap((condition) => [...condition.matchAll(/feature\s*=\s*"([^"]+)"/g)])
    .map(([, feature = ""]) => feature);
}

/** The test target a touched path belongs to: its file, a file of its folder, or a snapshot named after it. */
function testOf(path: string): string | undefined {
  const [, snapshot] = /^tests\/snapshots\/([^/]+?)__/.exec(path) ?? [];
  return snapshot ?? /^tests\/([^/]+?)(?:\.rs$|\/)/.exec(path)?.[1];
}

/** Features the touched tests of a crate need and its default does not switch on by name. */
function featuresWanted(input: PlanInput, crate: Crate): string[] {
  const inside = crate.folder === "" ? "" : `${crate.folder}/`;
  const own = input.testPaths.filter((path) => path.startsWith(inside));
  const tests = new Set(own.flatMap((path) => testOf(path.slice(inside.length)) ?? []));
  const gates = [...tests].flatMap((test) => {
    const file = `${inside}tests/${test}`;
    const text = input.texts.get(`${file}.rs`) ?? input.texts.get(`${file}/main.rs`) ?? "";
    const table = crate.tables.find(({ name, values }) => name === "test" && values.get("name") === test);
    return [...gatesOf(text), ...(table === undefined ? [] : tomlList(table, "required-features"))];
  });
  const known = featuresOf(crate.tables);
  const usual = tomlList(tomlTable(crate.tables, "features"), "default");
  return [...new Set(gates)].filter((feature) => known.has(feature) && !usual.includes(feature)).sort();
}

/** Where crates come from is the lock file's to say; a git repository is no registry. */
function gitNotes(lock: string | undefined): string[] {
  const packages = tomlTables(lock ?? "").filter(({ name }) => name === "package");
  const names = packages
    .filter((table) => tomlText(table, "source")?.startsWith("git+"))
    .map((table) => tomlText(table, "name") ?? "");
  return names.length === 0
    ? []
    : [
        `crates from git repositories, which preparation must be able to reach: ${[...new Set(names)].join(", ")}`,
      ];
}

interface Target {
  /** Arguments that choose what is tested. */
  readonly words: string;
  readonly features: readonly string[];
  readonly manifest?: string;
  readonly note: string;
}

const featureWords = (features: readonly string[]): string =>
  features.length === 0 ? "" : ` --features ${features.join(",")}`;

function targetOf(input: PlanInput, crates: readonly Crate[], root: string | undefined): Target {
  const touched = [...input.testPaths, ...input.goldPaths];
  const owners = touched.map((path) => owner(path, crates)).filter((crate) => crate !== undefined);
  const found = [...new Map(owners.map((crate) => [crate.name, crate])).values()];
  const members = found.filter((crate) => root !== undefined && isMember(crate, root));
  if (members.length > 0) {
    const names = members.map((crate) => crate.name);
    const features = members.flatMap((crate) =>
      featuresWanted(input, crate).map((feature) => `${crate.name}/${feature}`),
    );
    return {
      words: `${names.map((name) => ` -p ${name}`).join("")}${featureWords(features)}`,
      features,
      note: `only the crates touched are tested: ${names.join(", ")}`,
    };
  }
  const [alone] = found;
  if (alone !== undefined && alone.folder !== "") {
    const manifest = `${alone.folder}/Cargo.toml`;
    const note = `${alone.name} is outside the root's workspace: tested by its own manifest`;
    const features = featuresWanted(input, alone);
    return { words: ` --manifest-path ${manifest}${featureWords(features)}`, features, manifest, note };
  }
  return {
    words: " --workspace",
    features: [],
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
  // A repository's own flags would be lost.
  const hasFlags = input.files.some((file) => /(^|\/)\.cargo\/config(\.toml)?$/.test(file));
  const lints = hasFlags ? {} : { RUSTFLAGS: "--cap-lints=warn" };
  return {
    // Without a lock file the newest crates that the image's Rust can still compile are taken.
    prepare: [
      locked
        ? `cargo fetch --locked${manifest}`
        : `CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo fetch${manifest}`,
    ],
    // Binaries without debug information are built, kept and copied in a fraction of the time.
    job: {
      run: `cargo test --offline${target.words}`,
      runner: "libtest",
      env: { CARGO_PROFILE_DEV_DEBUG: "0", ...lints },
    },
    notes: [
      target.note,
      target.features.length === 0
        ? "default features only: see the repository's own workflow for others"
        : `beside default features those the touched tests ask for: ${target.features.join(", ")}`,
      ...(hasFlags
        ? []
        : ["lints only warn: a newer compiler has more of them than the crates were written for"]),
      ...gitNotes(input.texts.get(lock)),
      ...(locked
        ? []
        : [`no ${lock}: the newest crates that the image's Rust compiles are taken at preparation`]),
      ...toolchainNotes(input, crates),
    ],
  };
}
