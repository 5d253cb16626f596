// How bad a chunk looks to the target: numbers that conformal tests rank, larger is worse.

/** Log-probabilities of one chunk's tokens; a chunk of no tokens has no score. */
export interface ChunkLogprobs {
  readonly target: readonly number[];
  /** Of the draft's own tokens; absent where the engine gives none. */
  readonly draft?: readonly number[];
  /** UTF-8 bytes of the chunk: what figures of different tokenizers have in common. */
  readonly bytes: number;
}

export type ScoreFunction = (chunk: ChunkLogprobs) => number;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Mean negative log-likelihood of a token under the target: the published score. */
export const meanNll: ScoreFunction = ({ target }) => -sum(target) / target.length;

/** How much less likely the target finds the chunk than the draft did, nats a byte: what both find odd cancels out. */
export const logRatio: ScoreFunction = ({ target, draft, bytes }) => {
  if (draft === undefined) throw new TypeError("expected the draft's log-probabilities, found none");
  return (sum(draft) - sum(target)) / Math.max(1, bytes);
};

/** Mean of the worst `width` tokens in a row: one bad step in a long chunk of sound ones. */
export const worstWindow =
  (width: number): ScoreFunction =>
  ({ target }) => {
    const length = Math.min(width, target.length);
    let total = -sum(target.slice(0, length));
    let worst = total;
    for (let at = length; at < target.length; at += 1) {
      total += (target[at - length] ?? 0) - (target[at] ?? 0);
      worst = Math.max(worst, total);
    }
    return worst / length;
  };

/** The worst token alone: in short exact steps one wrong number is all there is to see. */
export const worstToken: ScoreFunction = ({ target }) => -Math.min(...target);

/** Width of the window that stands for a step of reasoning, tokens. */
export const defaultWindow = 16;

/** All that is known of a chunk by name: logged, so that any score can be tried on it afterwards. */
export function featuresOf(chunk: ChunkLogprobs): Readonly<Record<string, number>> {
  return {
    "mean-nll": meanNll(chunk),
    "worst-window": worstWindow(defaultWindow)(chunk),
    "worst-token": worstToken(chunk),
    "nats-per-byte": -sum(chunk.target) / Math.max(1, chunk.bytes),
    bytes: chunk.bytes,
    ...(chunk.draft === undefined ? {} : { "log-ratio": logRatio(chunk) }),
  };
}
