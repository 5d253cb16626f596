// Where two JSON documents say different things, field by field.
import { isDeepStrictEqual } from "node:util";
import type { Difference } from "../domain/difference.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

function fieldsOf(value: Readonly<Record<string, unknown>>, path: string): [name: string, path: string][] {
  const isList = Array.isArray(value);
  return Object.keys(value).map((key) => [
    key,
    isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
  ]);
}

/**
 * Everything in `published` that `derived` has otherwise, or not at all; fields that only `derived` has are none of it,
 * items of a list are. Both are what JSON can say. `ignored` are paths such as `runs[0].name`.
 */
export function jsonDifferences(
  published: unknown,
  derived: unknown,
  options: { readonly ignored: RegExp; readonly path?: string },
): Difference[] {
  const { ignored, path = "" } = options;
  if (ignored.test(path) || isDeepStrictEqual(published, derived)) return [];
  const areBoth =
    isObject(published) && isObject(derived) && Array.isArray(published) === Array.isArray(derived);
  if (!areBoth) return [{ where: path, expected: shown(derived), found: shown(published) }];
  const extra = Array.isArray(derived) ? derived.slice(Object.keys(published).length) : [];
  return [
    ...fieldsOf(published, path).flatMap(([name, at]) =>
      jsonDifferences(published[name], derived[name], { ignored, path: at }),
    ),
    ...extra.map((item) => ({ where: path, expected: shown(item), found: "nothing" })),
  ];
}
