// What became of one row in one stage: why it ended there, if it did.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { StageName } from "./rows.ts";

export type RowEnd =
  | {
      readonly kind: "rejected";
      readonly id: string;
      readonly stage: StageName;
      readonly reason: string;
      readonly detail: string;
    }
  | { readonly kind: "fault"; readonly id: string; readonly stage: StageName; readonly message: string };

const rejectedLine = z.looseObject({ id: z.string(), reason: z.string(), detail: z.string() });
const faultLine = z.looseObject({ id: z.string(), message: z.string() });

async function lineFor<T extends { readonly id: string }>(
  path: string,
  schema: z.ZodType<T>,
  id: string,
): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const rows = text.split("\n").filter((line) => line.trim() !== "");
  return rows.map((line) => schema.parse(JSON.parse(line))).find((row) => row.id === id);
}

/** Undefined where the stage kept it, or has not seen it. */
export async function endedIn(folder: string, stage: StageName, id: string): Promise<RowEnd | undefined> {
  const rejected = await lineFor(join(folder, stage, "rejected.jsonl"), rejectedLine, id);
  if (rejected !== undefined) {
    const { reason, detail } = rejected;
    return { kind: "rejected", id, stage, reason, detail };
  }
  const fault = await lineFor(join(folder, stage, "faults.jsonl"), faultLine, id);
  return fault === undefined ? undefined : { kind: "fault", id, stage, message: fault.message };
}
