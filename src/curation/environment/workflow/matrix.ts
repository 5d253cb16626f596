// The legs of a job's matrix and the names GitHub gives them, by the rules of its own runner.
import { asText, type Mapping, type Value } from "./expressions.ts";
import { Unsupported } from "./unsupported.ts";

export interface Leg {
  /** What `matrix` holds. */
  readonly values: Mapping;
  /** What stands in brackets behind the job's name: values the leg was made of, without those `include` added to it. */
  readonly segments: readonly string[];
}

/** GitHub's own limits. */
const mostLegs = 256;
const longestName = 100;

const isMapping = (value: Value | undefined): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function leaves(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (isMapping(value)) return Object.values(value).flatMap(leaves);
  const text = asText(value);
  return text === "" ? [] : [text];
}

const same = (one: Value | undefined, other: Value): boolean => {
  if (one === undefined) return false;
  if (isMapping(other) && isMapping(one)) return matches(one, other);
  // GitHub compares texts without regard to case.
  const text = (value: Value): string => leaves(value).join().toLowerCase();
  return text(one) === text(other);
};

function matches(values: Mapping, filter: Mapping): boolean {
  return Object.entries(filter).every(([key, value]) => same(values[key], value));
}

function listed(value: Value | undefined, name: string): readonly Mapping[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((each) => isMapping(each)))
    throw new Unsupported(`matrix.${name} is no list of mappings`);
  return value.filter((each) => isMapping(each));
}

function product(vectors: readonly (readonly [string, readonly Value[]])[]): Mapping[] {
  if (vectors.length === 0) return [];
  const size = vectors.reduce((all, [, values]) => all * values.length, 1);
  if (size > mostLegs) throw new Unsupported(`a matrix of ${size} jobs: GitHub's limit is ${mostLegs}`);
  return vectors.reduce<Mapping[]>(
    (legs, [key, values]) => legs.flatMap((leg) => values.map((value) => ({ ...leg, [key]: value }))),
    [{}],
  );
}

/** One leg without values where there is no matrix. @throws Unsupported for one that is none */
export function legsOf(matrix: Value | undefined): readonly Leg[] {
  if (matrix === undefined || matrix === null) return [{ values: {}, segments: [] }];
  if (!isMapping(matrix)) throw new Unsupported("the matrix is no mapping");
  const vectors = Object.entries(matrix).filter(([key]) => key !== "include" && key !== "exclude");
  const arrays = vectors.map(([key, value]) => {
    if (!Array.isArray(value)) throw new Unsupported(`matrix.${key} is no list`);
    return [key, value] as const;
  });
  const exclude = listed(matrix.exclude, "exclude");
  const made = product(arrays).filter((leg) => !exclude.some((filter) => matches(leg, filter)));
  const include = listed(matrix.include, "include").map((entry) => {
    const own = Object.entries(entry);
    const filter = Object.fromEntries(own.filter(([key]) => Object.hasOwn(matrix, key)));
    const extra = Object.fromEntries(own.filter(([key]) => !Object.hasOwn(matrix, key)));
    return { filter, extra };
  });
  const legs = made.map((leg) => {
    const added = include.filter(({ filter }) => matches(leg, filter)).map(({ extra }) => extra);
    const values: Mapping = Object.assign({}, leg, ...added);
    return { values, segments: leaves(leg) };
  });
  const alone = include
    .filter(({ filter }) => !made.some((leg) => matches(leg, filter)))
    .map(({ filter, extra }) => ({ ...filter, ...extra }));
  const all = [...legs, ...alone.map((values) => ({ values, segments: leaves(values) }))];
  if (all.length > mostLegs)
    throw new Unsupported(`a matrix of ${all.length} jobs: GitHub's limit is ${mostLegs}`);
  return all;
}

/** A name that is written out carries its leg's values in brackets. */
export function legName(name: string, { segments }: Leg): string {
  const whole = segments.length === 0 ? name : `${name} (${segments.join(", ")})`;
  return whole.length > longestName ? `${whole.slice(0, longestName - 3)}...` : whole;
}
