// Go: the module's dependencies downloaded once, then the packages the change and its tests touch.
import type { PlanInput, PlanParts } from "../plan-inference.ts";

/** The Go of our image, for the note that a module wants a newer one. */
const imageGo = [1, 24] as const;

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

function isWithin(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

/** The folder of the nearest go.mod above a path. */
function moduleOf(path: string, modules: readonly string[]): string | undefined {
  return modules
    .filter((folder) => isWithin(path, folder))
    .sort((one, other) => other.length - one.length)
    .at(0);
}

function packagePattern(folder: string, module: string): string {
  const inside = module === "" ? folder : folder.slice(module.length + 1);
  return inside === "" ? "." : `./${inside}`;
}

/** `testdata` is read by the package that holds it. */
function packageFolder(path: string): string {
  const folder = folderOf(path);
  const parts = folder.split("/");
  const data = parts.indexOf("testdata");
  return data === -1 ? folder : parts.slice(0, data).join("/");
}

function wantsNewer(text: string): string | undefined {
  const [, major, minor] = /^go\s+(\d+)\.(\d+)/m.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const newer = Number(major) > imageGo[0] || Number(minor) > imageGo[1];
  return newer ? `${major}.${minor}` : undefined;
}

interface Touched {
  /** The module's folder, "" for the root. */
  readonly module: string;
  readonly packages: readonly string[];
  readonly otherModules: readonly string[];
}

/** The module of the tests comes before the gold patch's: its packages are what can tell right from wrong. */
function touchedPackages(input: PlanInput, modules: readonly string[]): Touched {
  const paths = [...input.testPaths, ...input.goldPaths].filter((file) =>
    /\.go$|(^|\/)testdata\//.test(file),
  );
  const homes = [...new Set(paths.map((file) => moduleOf(file, modules)))].filter(
    (home) => home !== undefined,
  );
  const [nearestRoot = ""] = [...modules].sort((one, other) => one.length - other.length);
  const module = homes[0] ?? nearestRoot;
  const own = paths.filter((file) => moduleOf(file, modules) === module);
  const packages = new Set(own.map((file) => packagePattern(packageFolder(file), module)));
  return {
    module,
    packages: [...packages].sort(),
    otherModules: homes.filter((home) => home !== module),
  };
}

function notesOn({ module, packages, otherModules }: Touched, input: PlanInput): string[] {
  const newer = wantsNewer(input.texts.get(join(module, "go.mod")) ?? "");
  const extent =
    packages.length === 0
      ? "all packages are tested: no Go file is touched"
      : `only the packages touched are tested: ${packages.join(", ")}`;
  const others = otherModules.map(
    (other) => `the module ${other || "at the root"} is touched but not tested`,
  );
  const toolchain =
    newer === undefined ? [] : [`go.mod wants Go ${newer}, the image has ${imageGo.join(".")}`];
  return [extent, ...others, ...toolchain];
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** From before modules: one is made where its packages import each other from. */
function withoutModule(input: PlanInput): PlanParts {
  const name = /^[\w-]+\/[\w.-]+$/.exec(input.repo ?? "")?.[0];
  if (name === undefined) {
    const notes = ["no go.mod was found: go test will want one"];
    return { prepare: [], job: { run: "go test ./...", runner: "go-test" }, notes };
  }
  const { packages } = touchedPackages(input, [""]);
  return {
    prepare: [`go mod init github.com/${name} && go mod tidy`],
    job: {
      run: `go test ${packages.join(" ") || "./..."}`,
      runner: "go-test",
      // What was vendored by other tools is no module's vendor folder.
      env: { GOFLAGS: "-mod=mod" },
    },
    notes: [
      `no go.mod was found: one is made for github.com/${name}, with the newest modules that fit`,
      packages.length === 0
        ? "all packages are tested: no Go file is touched"
        : `only the packages touched are tested: ${packages.join(", ")}`,
    ],
  };
}

export function goPlan(input: PlanInput): PlanParts {
  const modules = input.files.filter((file) => /(^|\/)go\.mod$/.test(file)).map(folderOf);
  if (modules.length === 0) return withoutModule(input);
  const touched = touchedPackages(input, modules);
  const { module, packages } = touched;
  const vendored = input.files.some((file) => file.startsWith(join(module, "vendor/")));
  const inModule = module === "" ? "" : `cd ${module} && `;
  return {
    prepare: vendored ? [] : [`${inModule}go mod download`],
    job: { run: `${inModule}go test ${packages.join(" ") || "./..."}`, runner: "go-test" },
    notes: notesOn(touched, input),
  };
}
