// Python: a virtual environment outside the tree, the project installed in place, its test requirements with it.
import { isTestPath } from "../../domain/paths.ts";
import type { PlanInput, PlanParts } from "../plan-inference.ts";
import { type TomlTable, tomlList, tomlTable, tomlTables } from "../toml.ts";

const python = "/deps/venv/bin/python3";
const path = "/deps/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Names under which projects keep what their tests need, the narrowest first. */
const testNames = /^(all[-_])?(tests?|testing|unit[-_]?tests?|pytest)$/i;
const devNames = /^dev(el|elop|elopment)?$/i;

const manifests = /^(pyproject\.toml|setup\.(cfg|py))$/;

/** Test ones when there are any, else those for developers. */
function forTests(names: readonly string[]): readonly string[] {
  const tests = names.filter((name) => testNames.test(name));
  return tests.length > 0 ? tests : names.filter((name) => devNames.test(name));
}

/** "requirements-test.txt", "test-requirements.txt", "requirements/tests.txt" -> the word that tells them apart. */
function requirementWord(file: string): string {
  return file
    .replace(/^requirements\//, "")
    .replace(/\.(txt|in)$/, "")
    .replace(/requirements?/, "")
    .replace(/^[-_.]+|[-_.]+$/g, "");
}

function requirementFiles(input: PlanInput, installable: boolean): readonly string[] {
  const files = input.files.filter(
    (file) => /^([\w.-]*requirements[\w.-]*|requirements\/[\w.-]+)\.txt$/.test(file) && input.texts.has(file),
  );
  const words = forTests(files.map(requirementWord));
  const chosen = files.filter((file) => words.includes(requirementWord(file)));
  const plain = files.filter((file) => file === "requirements.txt");
  return installable && chosen.length > 0 ? chosen : [...plain, ...chosen];
}

function keysOf(table: TomlTable): string[] {
  return [...table.values.keys()];
}

interface PoetryRequirements {
  readonly names: readonly string[];
  /** Those of them that Poetry takes from a repository or a folder. */
  readonly elsewhere: readonly string[];
}

/** Requirements that Poetry keeps in groups pip cannot read: their names, without versions. */
function poetryRequirements(tables: readonly TomlTable[]): PoetryRequirements {
  const groups = tables.filter((table) => {
    const name = /^tool\.poetry\.group\.([^.]+)\.dependencies$/.exec(table.name)?.[1];
    return name !== undefined && (testNames.test(name) || devNames.test(name));
  });
  const old = tomlTable(tables, "tool.poetry.dev-dependencies");
  const all = [...groups, old].flatMap(({ values }) => [...values]).filter(([name]) => name !== "python");
  const elsewhere = all.filter(([, value]) => /^\{.*\b(git|url|path)\s*=/.test(String(value)));
  const names = (of: typeof all): string[] => [...new Set(of.map(([name]) => name))];
  return { names: names(all), elsewhere: names(elsewhere) };
}

/** What the project is built with: installed beside it, it can be installed again without a network. */
function buildRequirements(input: PlanInput, tables: readonly TomlTable[]): readonly string[] {
  const stated = tomlList(tomlTable(tables, "build-system"), "requires");
  const list = /\bsetup_requires\s*=\s*\[([^\]]*)\]/.exec(input.texts.get("setup.py") ?? "")?.[1] ?? "";
  const older = [...list.matchAll(/["']([^"']+)["']/g)].map(([, requirement = ""]) => requirement);
  return [...new Set([...(stated.length > 0 ? stated : ["setuptools", "wheel"]), ...older])];
}

/** Versions taken from git have none in a tree without history. */
function versionEnv(texts: string): string {
  const known: readonly (readonly [RegExp, string])[] = [
    [/setuptools[-_]scm|hatch-vcs|pdm.*scm|flit[-_]scm/i, "SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0"],
    [/\bpbr\b/, "PBR_VERSION=0.0.0"],
    [/poetry-dynamic-versioning/, "POETRY_DYNAMIC_VERSIONING_BYPASS=0.0.0"],
  ];
  return known
    .filter(([tool]) => tool.test(texts))
    .map(([, setting]) => `${setting} `)
    .join("");
}

/** Modules that pytest and unittest both take for tests. */
export const pythonTests = /(^|\/)test_[^/]+\.py$/;

/** Named anywhere, or needed: unittest does not see tests that stand outside of classes. */
function usesPytest(input: PlanInput): boolean {
  const configured = /^(pytest\.ini|\.pytest\.ini|(.*\/)?conftest\.py)$/;
  if (input.files.some((file) => configured.test(file))) return true;
  return [...input.texts].some(
    ([file, text]) =>
      /\bpytest\b/.test(text) || (pythonTests.test(file) && /^(async )?def test_\w*\(/m.test(text)),
  );
}

/** What the project says of itself: its tests' texts may speak of anything. */
function manifestTexts({ texts }: PlanInput): string {
  return [...texts].flatMap(([file, text]) => (pythonTests.test(file) ? [] : [text])).join("\n");
}

interface Installation {
  readonly words: readonly string[];
  /** What must be there to install the project again before the tests; empty: it is not. */
  readonly again: readonly string[];
  readonly notes: readonly string[];
}

function installation(input: PlanInput): Installation {
  const tables = tomlTables(input.texts.get("pyproject.toml") ?? "");
  const has = (name: string): boolean => tables.some((table) => table.name === name);
  const installable =
    has("project") ||
    has("tool.poetry") ||
    input.files.includes("setup.py") ||
    input.files.includes("setup.cfg");
  const extras = forTests(keysOf(tomlTable(tables, "project.optional-dependencies")));
  const groups = forTests(keysOf(tomlTable(tables, "dependency-groups")));
  const requirements = requirementFiles(input, installable);
  const poetry = poetryRequirements(tables);
  const project = extras.length === 0 ? "." : `.[${extras.join(",")}]`;
  const words = [
    ...(installable ? ["-e", `'${project}'`] : []),
    ...requirements.flatMap((file) => ["-r", file]),
    ...groups.flatMap((group) => ["--group", group]),
    ...poetry.names,
  ];
  // What a package declares (entry points, scripts) was written down when it was installed, at the base commit.
  const changed = installable && input.goldPaths.some((path) => manifests.test(path));
  const none =
    words.length === 0 ? ["nothing to install was found: only the image's own modules are there"] : [];
  const loose =
    poetry.names.length > 0 ? ["Poetry groups are installed by name, without their versions"] : [];
  const elsewhere = poetry.elsewhere.map(
    (name) => `${name} is wanted from elsewhere, which is out of reach: the registry's release is taken`,
  );
  const twice = changed
    ? ["the change touches the manifest: the project is installed again before tests"]
    : [];
  const again = changed ? buildRequirements(input, tables) : [];
  return { words, again, notes: [...none, ...loose, ...elsewhere, ...twice] };
}

/** `-t .` lets the tests import the project from the root, as running them there does. */
function unittestCommand(input: PlanInput): string {
  const tests = input.files.find((file) => isTestPath(file, "python"));
  const folder = tests?.includes("/") === true ? tests.slice(0, tests.indexOf("/")) : ".";
  return folder === "." ? "python3 -m unittest discover" : `python3 -m unittest discover -s ${folder} -t .`;
}

export function pythonPlan(input: PlanInput): PlanParts {
  const { words, again, notes } = installation(input);
  const version = versionEnv(manifestTexts(input));
  const pytest = usesPytest(input);
  const install = [...words, ...(pytest ? ["pytest"] : [])];
  const prepare = ["python3 -m venv --system-site-packages /deps/venv"];
  if (again.length > 0) {
    prepare.push(`${python} -m pip install ${again.map((requirement) => `'${requirement}'`).join(" ")}`);
  }
  if (install.length > 0) prepare.push(`${version}${python} -m pip install ${install.join(" ")}`);
  const first =
    again.length > 0
      ? `${version}python3 -m pip install --use-pep517 --no-build-isolation --no-deps -e . && `
      : "";
  const test = pytest ? "python3 -m pytest -q" : unittestCommand(input);
  return {
    prepare,
    job: { run: `${first}${test}`, runner: pytest ? "pytest" : "unittest", env: { PATH: path } },
    notes: [
      ...notes,
      ...(pytest ? [] : ["no trace of pytest was found: the tests run by unittest"]),
      ...(version === "" ? [] : ["the version comes from git: it is set to 0.0.0"]),
    ],
  };
}
