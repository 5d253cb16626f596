// C++: CMake with Ninja and CTest, tests switched on and everything that is no test switched off.
import { isTestPath } from "../../domain/paths.ts";
import type { PlanInput, PlanParts } from "../plan-inference.ts";

interface Option {
  readonly name: string;
  readonly on: boolean | undefined;
}

/** `option(NAME "text" DEFAULT)`; a default that is an expression is left to the project. */
function optionsOf(text: string): Option[] {
  const found = text.matchAll(/\boption\s*\(\s*(\w+)\s+"(?:[^"\\]|\\.)*"\s*([^\s)]+)?\s*\)/gi);
  return [...found].map(([, name = "", value = "OFF"]) => {
    const on = /^(on|true|yes|1)$/i.test(value);
    const off = /^(off|false|no|0)$/i.test(value);
    return { name, on: on ? true : off ? false : undefined };
  });
}

const idleOption = /(^|_)(DOCS?|DOCUMENTATION|EXAMPLES?|BENCH(MARKS?)?|FUZZ(ERS?|ING)?|PYTHON)(_|$)/;
const verbs: ReadonlySet<string> = new Set(["BUILD", "ENABLE", "WITH", "RUN", "MAKE", "UNIT"]);

/** "FMT_TEST" and "X_BUILD_TESTS", but not "FMT_CUDA_TEST": a further word asks for more than tests. */
function isTestOption(name: string, project: ReadonlySet<string>): boolean {
  const words = name.toUpperCase().split("_");
  const isTest = (word: string): boolean => /^(UNIT)?TEST(S|ING)?$/.test(word);
  const rest = words.filter(
    (word, index) =>
      isTest(word) || (!verbs.has(word) && !project.has(word) && (index > 0 || words.length === 1)),
  );
  return rest.length === 1 && rest.every(isTest);
}

function settings(options: readonly Option[], project: ReadonlySet<string>): string[] {
  return options.flatMap(({ name, on }) => {
    if (isTestOption(name, project) && on !== true) return [`-D${name}=ON`];
    return idleOption.test(name) && on !== false ? [`-D${name}=OFF`] : [];
  });
}

/** Words of the names given to project(): a prefix made of them says nothing. */
function projectWords(texts: readonly string[]): Set<string> {
  const names = texts.flatMap((text) => [...text.matchAll(/\bproject\s*\(\s*([\w.+-]+)/gi)]);
  return new Set(names.flatMap(([, name = ""]) => name.toUpperCase().split(/[^A-Z0-9]+/)));
}

/** Targets and tests a list file spells out: `add_executable(name a.cpp)`, `add_test(NAME test COMMAND name)`. */
interface Spelled {
  readonly target: string;
  readonly test: string;
}

function withoutComments(text: string): string {
  return text.replace(/#.*$/gm, "");
}

/** Tests made of a source: its target and its test are both spelled out where it is. */
function spelledOut(local: string, list: string): Spelled[] {
  const targets = [...list.matchAll(/\badd_executable\s*\(\s*([\w.+-]+)([^)]*)\)/gi)]
    .filter(([, , sources = ""]) => sources.split(/\s+/).includes(local))
    .map(([, target = ""]) => target);
  const tests = [...list.matchAll(/\badd_test\s*\(\s*(?:NAME\s+)?([\w.+-]+)\s+(?:COMMAND\s+)?([\w.+-]+)/gi)];
  return targets.flatMap((target) => {
    const test = tests.find(([, , command]) => command === target)?.[1];
    return test === undefined ? [] : [{ target, test }];
  });
}

/** `add_x_test(name ...)` beside `name.cpp`: the project's own function, which calls target and test by that name. */
function addedByName(local: string, list: string): Spelled[] {
  const name = local.replace(/\.\w+$/, "");
  const calls = [...list.matchAll(/\badd_(?:\w+_)?(?:unit)?tests?\s*\(\s*([\w.+-]+)/gi)];
  const isCalled = calls.some(([call, first]) => first === name && !/^add_test\b/i.test(call));
  return isCalled ? [{ target: name, test: name }] : [];
}

function testsOf(source: string, lists: ReadonlyMap<string, string>): Spelled[] {
  for (const [list, text] of lists) {
    const folder = list.slice(0, -"CMakeLists.txt".length);
    if (!source.startsWith(folder)) continue;
    const local = source.slice(folder.length);
    const clean = withoutComments(text);
    const spelled = spelledOut(local, clean);
    const found = spelled.length > 0 ? spelled : addedByName(local, clean);
    if (found.length > 0) return found;
  }
  return [];
}

/** All tests the change touches, or undefined when one of them cannot be seen. */
function spelledTests(input: PlanInput): readonly Spelled[] | undefined {
  const sources = input.testPaths.filter((path) => /\.(c|cc|cpp|cxx)$/.test(path) && isTestPath(path, "cpp"));
  const found = sources.map((source) => testsOf(source, input.texts));
  return found.length > 0 && found.every((tests) => tests.length > 0) ? found.flat() : undefined;
}

const downloads = /\b(FetchContent_\w+|ExternalProject_Add|CPMAddPackage|file\s*\(\s*DOWNLOAD)/i;

function cmakePlan(input: PlanInput): PlanParts {
  const lists = [...input.texts].filter(([file]) => file.endsWith("CMakeLists.txt"));
  const own = lists.filter(([file]) => !/(^|\/)(third[-_]?party|extern(al)?|vendor|deps)\//i.test(file));
  const project = projectWords(own.map(([, text]) => text));
  const switches = [...new Set(own.flatMap(([, text]) => settings(optionsOf(text), project)))];
  const fetches = own.some(([, text]) => downloads.test(withoutComments(text)));
  const tests = spelledTests(input);
  // Built in a fraction of the time, and `assert` says something.
  const configure = ["cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug", ...switches].join(" ");
  const targets = [...new Set((tests ?? []).map((test) => test.target))].sort();
  const names = [...new Set((tests ?? []).map((test) => test.test))].sort();
  const build =
    targets.length === 0 ? "cmake --build build" : `cmake --build build --target ${targets.join(" ")}`;
  const run =
    names.length === 0 ? "ctest --test-dir build" : `ctest --test-dir build -R '^(${names.join("|")})$'`;
  const offline = fetches ? `${configure} -DFETCHCONTENT_FULLY_DISCONNECTED=ON` : configure;
  return {
    prepare: fetches ? [configure] : [],
    job: { run: `${offline} && ${build} && ${run}`, runner: "ctest" },
    notes: [
      ...(switches.length === 0 ? [] : [`options set: ${switches.join(" ")}`]),
      targets.length === 0
        ? "everything is built and every test is run"
        : `only the tests touched are built and run: ${names.join(", ")}`,
      ...(fetches
        ? ["the build downloads sources: they are fetched at preparation, where the network allows it"]
        : []),
    ],
  };
}

export function cppPlan(input: PlanInput): PlanParts {
  if (input.files.includes("CMakeLists.txt")) return cmakePlan(input);
  const make = input.files.some((file) => /^(GNUm|m|M)akefile$/.test(file));
  return {
    prepare: [],
    job: {
      run: make
        ? "make test"
        : "cmake -S . -B build -G Ninja && cmake --build build && ctest --test-dir build",
      runner: make ? "exit-code" : "ctest",
    },
    notes: [
      make
        ? "no CMakeLists.txt: `make test` is one check, read from its exit code"
        : "no CMakeLists.txt and no Makefile at the root: the plan must be written by hand",
    ],
  };
}
