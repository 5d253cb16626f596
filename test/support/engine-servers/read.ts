// Requests as the scripted servers read them: what is not there has the server's default.
import { z } from "zod";

export const ids = z.array(z.int());
export const stops = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((stop) => (typeof stop === "string" ? [stop] : (stop ?? [])));
export const seed = z.int().nullish().default(1);

export const messages = z.array(
  z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() }),
);
