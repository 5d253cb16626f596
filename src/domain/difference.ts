// Something stored that is not as it must be: where, what was expected there, and what was found.

export interface Difference {
  /** A file of the run folder, and the place in it. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}
