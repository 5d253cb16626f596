// The published lists that licences are told by: SPDX's texts, and Blue Oak Council's list of what is permissive.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import type { LicenceNames } from "./licence-rule.ts";
import { type LicenceTexts, licenceTexts } from "./licence-texts.ts";

const require = createRequire(import.meta.url);
const spdxList = z.record(z.string(), z.object({ licenseText: z.string() }));
const blueOakList = z.array(z.object({ licenses: z.array(z.object({ id: z.string() })) }));

async function listIn<T>(name: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(require.resolve(name), "utf8")));
}

/** Read from the packages that carry them. */
export async function licenceLists(): Promise<{
  readonly texts: LicenceTexts;
  readonly names: LicenceNames;
}> {
  const list = await listIn("spdx-license-list/spdx-full.json", spdxList);
  const rated = await listIn("@blueoak/list", blueOakList);
  const permissive = new Set(rated.flatMap(({ licenses }) => licenses.map(({ id }) => id)));
  const texts = licenceTexts(list);
  return { texts, names: { known: texts.ids, permissive } };
}
