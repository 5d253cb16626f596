// Reads what CMake says of its targets (file API) and of its tests (`ctest --show-only=json-v1`).
import { z } from "zod";
import { resolvePath } from "./command.ts";

const targetSchema = z.object({
  id: z.string().default(""),
  name: z.string(),
  type: z.string(),
  artifacts: z.array(z.object({ path: z.string() })).default([]),
  sources: z.array(z.object({ path: z.string() })).default([]),
  dependencies: z.array(z.object({ id: z.string() })).default([]),
  compileGroups: z
    .array(
      z.object({
        compileCommandFragments: z.array(z.object({ fragment: z.string() })).default([]),
        defines: z.array(z.object({ define: z.string() })).default([]),
      }),
    )
    .default([]),
});

export interface CmakeTarget {
  readonly name: string;
  /** Absolute paths. */
  readonly executable: string;
  readonly sources: readonly string[];
  /** Sources of the libraries it is linked with: its `main` may stand in one of them. */
  readonly linked: readonly string[];
  readonly ignoresAssert: boolean;
}

export interface Folders {
  readonly sourceFolder: string;
  readonly buildFolder: string;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Stands between the documents that one command prints. */
export const documentEnd = "\u001e";

type Target = z.infer<typeof targetSchema>;

/** Everything a target depends on, however indirectly. */
function dependenciesOf(target: Target, byId: ReadonlyMap<string, Target>): Set<Target> {
  const found = new Set<Target>();
  const due = [target];
  for (let next = due.pop(); next !== undefined; next = due.pop()) {
    for (const { id } of next.dependencies) {
      const dependency = byId.get(id);
      if (dependency === undefined || dependency === target || found.has(dependency)) continue;
      found.add(dependency);
      due.push(dependency);
    }
  }
  return found;
}

/** Executables among the target documents of the file API. */
export function readTargets(stdout: string, { sourceFolder, buildFolder }: Folders): CmakeTarget[] {
  const all = stdout
    .split(documentEnd)
    .flatMap((text) => targetSchema.safeParse(parsedJson(text)).data ?? []);
  const byId = new Map(all.map((target) => [target.id, target] as const));
  const sourcesOf = ({ sources }: Target): string[] =>
    sources.map(({ path }) => resolvePath(sourceFolder, path));
  return all.flatMap((target) => {
    const path = target.artifacts[0]?.path;
    if (target.type !== "EXECUTABLE" || path === undefined) return [];
    const libraries = [...dependenciesOf(target, byId)].filter(({ type }) => type.endsWith("_LIBRARY"));
    const flags = target.compileGroups.flatMap((group) => [
      ...group.compileCommandFragments.map(({ fragment }) => fragment),
      ...group.defines.map(({ define }) => `-D${define}`),
    ]);
    return [
      {
        name: target.name,
        executable: resolvePath(buildFolder, path),
        sources: sourcesOf(target),
        linked: libraries.flatMap(sourcesOf),
        ignoresAssert: flags.some((flag) => /(?:^|\s)-DNDEBUG\b/.test(flag)),
      },
    ];
  });
}

const testSchema = z.object({
  name: z.string(),
  command: z.array(z.string()).min(1).optional(),
  properties: z.array(z.object({ name: z.string(), value: z.unknown() })).default([]),
});

export interface CtestEntry {
  readonly name: string;
  /** Absent when the program was not built. */
  readonly command?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly willFail: boolean;
  readonly disabled: boolean;
  readonly skipCode?: number;
  /** The exit status is ignored when one of these is set. */
  readonly passPatterns: readonly string[];
  readonly failPatterns: readonly string[];
  readonly order: -1 | 0 | 1;
  /** It names others that are to run before it. */
  readonly follows: boolean;
}

const texts = z.union([z.array(z.string()), z.string().transform((text) => [text])]).catch([]);
const yes = (value: unknown): boolean =>
  value === true || value === "1" || value === "ON" || value === "TRUE";

function environment(value: unknown): Record<string, string> {
  const pairs = texts
    .parse(value)
    .map((line) => [line.split("=")[0] ?? "", line.split("=").slice(1).join("=")] as const);
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

function entryOf({ name, command, properties }: z.infer<typeof testSchema>, testFolder: string): CtestEntry {
  const property = (key: string): unknown => properties.find((each) => each.name === key)?.value;
  const timeout = Number(property("TIMEOUT") ?? 0);
  const skipCode = property("SKIP_RETURN_CODE");
  const folder = property("WORKING_DIRECTORY");
  const order =
    property("FIXTURES_SETUP") !== undefined ? -1 : property("FIXTURES_CLEANUP") !== undefined ? 1 : 0;
  return {
    name,
    cwd: typeof folder === "string" && folder !== "" ? folder : testFolder,
    env: environment(property("ENVIRONMENT") ?? []),
    willFail: yes(property("WILL_FAIL")),
    disabled: yes(property("DISABLED")),
    passPatterns: texts.parse(property("PASS_REGULAR_EXPRESSION") ?? []),
    failPatterns: texts.parse(property("FAIL_REGULAR_EXPRESSION") ?? []),
    order,
    follows: property("DEPENDS") !== undefined,
    ...(command === undefined ? {} : { command }),
    ...(timeout > 0 ? { timeoutMs: timeout * 1000 } : {}),
    ...(skipCode === undefined ? {} : { skipCode: Number(skipCode) }),
  };
}

/** Tests in ctest's order, fixtures around them; undefined when the text is not ctest's. */
export function readCtest(stdout: string, testFolder: string): CtestEntry[] | undefined {
  const start = stdout.indexOf("{");
  const parsed = z
    .object({ tests: z.array(testSchema) })
    .safeParse(parsedJson(stdout.slice(Math.max(0, start))));
  const entries = parsed.data?.tests.map((test) => entryOf(test, testFolder));
  return entries?.sort((one, other) => one.order - other.order);
}
