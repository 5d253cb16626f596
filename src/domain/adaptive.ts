// What an adaptive run has besides a plan: the rules it draws by, and every draw with its chance.

/** Everybody meets everybody on every issue; or who meets is drawn. */
export const pairingModes = ["everybody", "adaptive"] as const;

/** Who meets on an issue is drawn from what earlier issues showed. */
export interface AdaptivePairing {
  /** Pairs that are drawn for one issue. */
  readonly battlesPerIssue: number;
  /**
   * Issues that may be open together. A draw knows the results of all issues opened before it but the last so many less one,
   * however soon those are done: so it is the same at any number of workers.
   */
  readonly issuesAtOnce: number;
  /** Share of draws that take any pair. */
  readonly floor: number;
  /** What a battle costs besides its model calls, US dollars. */
  readonly battleUsd: number;
  /** The run ends once a winner is proven, named wrongly with chance `error` at most. Absent: every issue is played. */
  readonly stop?: { readonly error: number };
}

export const defaultPairing: AdaptivePairing = {
  battlesPerIssue: 2,
  issuesAtOnce: 2,
  floor: 0.1,
  battleUsd: 0.01,
};

/** Chance of a wrong winner, where a run names none. */
export const defaultError = 0.05;

/** A battle as it was drawn. */
export interface Draw {
  readonly battleId: string;
  /** Chance of the pair, given the draws before it on the same issue. */
  readonly propensity: number;
  /** What it was expected to tell, in nats per US dollar, and to cost. */
  readonly informationPerUsd: number;
  readonly expectedUsd: number;
}

/** An issue that was opened, with all that is played on it: settled before any of its results was known. */
export interface DrawnIssue {
  /** Place in the order of opening, from 0. */
  readonly ordinal: number;
  readonly instanceId: string;
  /** Its draws knew the results of so many issues, the first that were opened. */
  readonly seen: number;
  /** In the order drawn. */
  readonly draws: readonly Draw[];
}

export interface OpenedIssue extends DrawnIssue {
  /** All its battles are played, or it is left out. */
  readonly isClosed: boolean;
  /** Why not all of it can be played: it cannot be judged here, or somebody dropped out. It counts for nothing meanwhile. */
  readonly leftOut?: string;
}
