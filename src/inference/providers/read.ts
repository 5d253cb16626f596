// Answers of endpoints are checked like any other input: an unknown shape stops here.
import type { z } from "zod";
import { UnreadableAnswer } from "./provider.ts";

/** @throws UnreadableAnswer naming the first field that is not as the protocol says. */
export function parseAnswer<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "the whole answer";
  throw new UnreadableAnswer(`${field}: ${issue?.message ?? "not as the protocol says"}`);
}
