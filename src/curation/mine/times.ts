// Times that a row can hold: a commit may say anything.
const latestSeconds = Date.UTC(2100, 0) / 1000;

/** Undefined where it lies outside of 1970 to 2100. @param seconds since the epoch */
export function isoOf(seconds: number): string | undefined {
  if (!(seconds >= 0 && seconds < latestSeconds)) return undefined;
  return new Date(seconds * 1000).toISOString();
}
