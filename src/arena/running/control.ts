// What one terminal asks of a run that another process plays, and what it answers: one line of JSON each way.
import { z } from "zod";
import { statusSchema } from "./status.ts";

/** Beyond that an answer or a question is somebody else's. */
export const mostQuestionBytes = 4096;
export const mostAnswerBytes = 1_000_000;

/** Raised when an older release would misunderstand what is asked. */
export const controlVersion = 1;

const asked = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("status") }),
  z.strictObject({ do: z.literal("pause") }),
  z.strictObject({ do: z.literal("resume") }),
  /** `now`: what is being played is cut off, not given back after its round. */
  z.strictObject({ do: z.literal("cancel"), now: z.boolean() }),
  z.strictObject({ do: z.literal("workers"), workers: z.int().min(1) }),
]);

export type ControlRequest = z.output<typeof asked>;

export const requestSchema = z.strictObject({ version: z.literal(controlVersion), asked });

export const answerSchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), said: z.string().max(2000), status: statusSchema }),
  z.object({ ok: z.literal(false), because: z.string().max(2000) }),
]);

export type ControlAnswer = z.output<typeof answerSchema>;
