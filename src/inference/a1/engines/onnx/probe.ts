// Whether a model may run requests side by side: found out once by doing it, since no file says so.
import { Group } from "./group.ts";
import { type PrefillResult, prefill } from "./prefill.ts";
import type { DecoderSession } from "./session.ts";

/** Of two numbers that ought to be the same, in parts of the greatest: rounding stays far below, a wrong mask above. */
const tolerance = 0.02;

interface Text {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly third: number;
}

/** Of different lengths at every step, so that all kinds of padding there are come up. */
const short: Text = { first: [1, 2, 3], second: [4, 5], third: 6 };
const long: Text = { first: [7, 1, 4, 2, 8, 5, 7], second: [3], third: 2 };

/** Behind the first text's first, second and third part, what is likely to follow. */
async function observed(session: DecoderSession, texts: readonly Text[]): Promise<readonly Float32Array[]> {
  const wantsLogits = true;
  const known = (kv: PrefillResult["kv"] | undefined) => (kv === undefined ? [] : [{ kv, count: kv.length }]);
  const first = await prefill(
    session,
    texts.map((text) => ({ known: [], ids: text.first, wantsLogits })),
  );
  const second = await prefill(
    session,
    texts.map((text, index) => ({ known: known(first[index]?.kv), ids: text.second, wantsLogits })),
  );
  const group = new Group<Text>(session, false);
  texts.forEach((text, index) => {
    const kv = second[index]?.kv;
    if (kv !== undefined) group.join({ owner: text, length: kv.length, token: text.third }, kv);
  });
  const [third] = await group.step();
  const [{ first: one, second: two } = short] = texts;
  const ends = [first[0]?.logits(one.length - 1), second[0]?.logits(two.length - 1), third?.logits];
  const seen = ends.filter((logits) => logits !== undefined).map((logits) => Float32Array.from(logits));
  group.close();
  return seen;
}

/** @throws Error where the model does not even run by itself */
export async function runsSideBySide(session: DecoderSession): Promise<boolean> {
  const alone = await observed(session, [short]);
  if (!session.takesPadding) return false;
  const beside = await observed(session, [short, long]).catch(() => []);
  return alone.every((logits, step) => {
    const most = logits.reduce((greatest, logit) => Math.max(greatest, Math.abs(logit)), 1);
    const other = beside[step];
    return (
      other !== undefined &&
      logits.every((logit, id) => Math.abs(logit - (other[id] ?? NaN)) <= most * tolerance)
    );
  });
}
