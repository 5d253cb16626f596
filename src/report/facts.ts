// What an issue set says of its issues that boards group or cut by: when they were written, and how hard they are.
import { z } from "zod";
import { difficultyBand } from "../domain/difficulty.ts";
import type { Instance, Language } from "../domain/instance.ts";

export interface IssueFacts {
  readonly instanceId: string;
  readonly language: Language;
  /** Day the issue was opened, `2026-11-03`; absent where the set gives none that can be read. */
  readonly createdOn?: string;
  /** As the set words it, or the band of its number from 0 to 1; absent where the set gives none. */
  readonly difficulty?: string;
}

/** Of a stored run: its set's facts, or why they could not be had. Rounds without facts are counted, never guessed. */
export type RunFacts =
  | { readonly known: true; readonly issues: readonly IssueFacts[] }
  | { readonly known: false; readonly because: string };

const difficultySchema = z
  .union([z.number().min(0).max(1).transform(difficultyBand), z.string().trim().min(1).max(60)])
  .optional()
  .catch(undefined);

const dayPattern = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/;

/** The calendar day at the start of a date as sets write them; undefined for anything else, 31 February too. */
export function dayOf(written: string): string | undefined {
  const day = dayPattern.exec(written.trim())?.[0];
  if (day === undefined) return undefined;
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day ? undefined : day;
}

export function issueFacts({ instanceId, language, createdAt, provenance }: Instance): IssueFacts {
  const createdOn = dayOf(createdAt);
  const difficulty = difficultySchema.parse(provenance.difficulty);
  return {
    instanceId,
    language,
    ...(createdOn === undefined ? {} : { createdOn }),
    ...(difficulty === undefined ? {} : { difficulty }),
  };
}
