// Which candidates are worth a run of continuous integration: those that past verdicts show to be unlike ones that failed.

/** A candidate's badness when it was run, and what came of it. */
export interface Verdict {
  /** Larger is worse. */
  readonly nonconformity: number;
  readonly hasPassed: boolean;
}

/** Fewer failures than this tell nothing at a level of a tenth. */
export const fewestFailures = 20;

/**
 * Conformal p-value of "this one fails too" (Jin and Candès, arXiv 2210.01408): the share of failed ones that looked at
 * least as good, itself counted in, ties against it. Small for a candidate that looks better than what fails.
 * Undefined below {@link fewestFailures}: a test that cannot reject must not be taken for one that does not.
 */
export function failurePValue(nonconformity: number, past: readonly Verdict[]): number | undefined {
  const failed = past.filter(({ hasPassed }) => !hasPassed);
  if (failed.length < fewestFailures) return undefined;
  const asGood = failed.filter((each) => each.nonconformity <= nonconformity).length;
  return (1 + asGood) / (1 + failed.length);
}

/**
 * Candidates to run such that at most the share `level` of those run is expected to fail: Benjamini and Hochberg's
 * procedure over conformal p-values (arXiv 2210.01408, theorem 6; needs candidates exchangeable with the past ones:
 * verdicts of those that were drawn by lot, and of no others).
 * @returns positions in `nonconformities`, best first; undefined where too few verdicts are known to tell
 */
export function admitted(
  nonconformities: readonly number[],
  past: readonly Verdict[],
  level: number,
): number[] | undefined {
  const ranked = nonconformities.flatMap((nonconformity, at) => {
    const p = failurePValue(nonconformity, past);
    return p === undefined ? [] : [{ at, p, nonconformity }];
  });
  if (ranked.length < nonconformities.length) return undefined;
  ranked.sort(
    (one, other) => one.p - other.p || one.nonconformity - other.nonconformity || one.at - other.at,
  );
  const last = ranked.findLastIndex(({ p }, rank) => p <= (level * (rank + 1)) / ranked.length);
  return ranked.slice(0, last + 1).map(({ at }) => at);
}
