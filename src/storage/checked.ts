// Rows through their shapes, and the one rule for writing twice: the same again is fine, anything else is a fault.
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { storeFault } from "./fault.ts";

/** What a table's errors name: the row, and the file it is in. */
export interface Place {
  readonly what: string;
  readonly path: string;
}

/** A stored row in its shape. @throws StoreFault for a row this release cannot read */
export function readAs<Shape extends z.ZodType>(shape: Shape, value: unknown, place: Place): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw storeFault(
    `${place.what} in ${place.path} cannot be read: ${z.prettifyError(parsed.error)}. ` +
      "What to do: use the release that wrote the run; if it was this one, the file is damaged: restore it from a copy",
  );
}

/** A row about to be stored. @throws StoreFault rather than store what could not be read back */
export function writable<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  place: Place,
): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw storeFault(
    `${place.what} is not stored in ${place.path}, it could not be read back: ${z.prettifyError(parsed.error)}. ` +
      "What to do: report this, a caller has built a wrong row",
  );
}

/** True when the row is there already; @throws StoreFault when the one that is there says something else */
export function alreadyThere(stored: unknown, wanted: unknown, place: Place): boolean {
  if (stored === undefined) return false;
  if (isDeepStrictEqual(stored, wanted)) return true;
  throw storeFault(
    `${place.what} is already recorded in ${place.path} with other content, and what is recorded stays. ` +
      "What to do: start a new run folder for different settings; otherwise report this, work was done twice",
  );
}
