// One value, one text: what is hashed and signed must come out the same wherever it is written again.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** As RFC 8785 has it: no blanks, keys in the order of their UTF-16 units, numbers and strings as JSON.stringify. */
export function canonical(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  let text = "";
  // A text that grows is the fastest there is, and every row that is written goes through here.
  for (const key of Object.keys(value).sort())
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(value[key] ?? null)}`;
  return `{${text}}`;
}
