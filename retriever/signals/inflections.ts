// English endings: an issue says `filters` where the code says `filtering`; the index keeps words as they are, and a
// query asks for all forms of a word at once.

const word = /^[a-z]{4,}$/u;
const doubled = /([bdfgmnprt])\1$/u;

/** What all inflections of a word share; not always a word itself (`filter`, `pars`). Names with digits or `_` stay. */
export function stemOf(term: string): string {
  if (!word.test(term)) return term;
  let stem = term;
  if (stem.endsWith("ies") && stem.length > 4) stem = `${stem.slice(0, -3)}y`;
  else if (/[^suia]s$/u.test(stem)) stem = stem.slice(0, -1);
  if (stem.length > 5 && stem.endsWith("ing")) stem = stem.slice(0, -3).replace(doubled, "$1");
  else if (stem.length > 4 && stem.endsWith("ed")) stem = stem.slice(0, -2).replace(doubled, "$1");
  return stem.length > 3 && stem.endsWith("e") ? stem.slice(0, -1) : stem;
}

/** Words whose stem is the term's, itself among them, in a fixed order. */
export function inflectionsOf(term: string): string[] {
  if (!word.test(term)) return [term];
  const stem = stemOf(term);
  const last = stem.at(-1) ?? "";
  const roots = [stem, `${stem}e`, `${stem}${last}`];
  const forms = roots.flatMap((root) => [
    root,
    `${root}s`,
    `${root}es`,
    `${root}ed`,
    `${root}d`,
    `${root}ing`,
    `${root}ings`,
  ]);
  if (stem.endsWith("y")) forms.push(`${stem.slice(0, -1)}ies`, `${stem.slice(0, -1)}ied`);
  return [...new Set([term, ...forms.filter((form) => stemOf(form) === stem)])];
}
