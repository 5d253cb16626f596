// Tokens are bytes and texts are characters: where a cut between tokens goes through the middle of a character.

/** What this needs of a codec. */
export interface TokenSpans {
  /** UTF-8 of the tokens' text; special tokens have none. */
  bytesOf(ids: readonly number[]): Uint8Array;
}

/** Bytes of a character that begins so; 0 for what begins none. */
function lengthOf(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** The second bytes that make overlong forms, surrogates or too great numbers: no character goes on so. */
function mayFollow(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}

/** How many bytes at the end begin a character that is not finished: 0 to 3. Bytes that can make none are not counted. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const second = bytes[bytes.length - back + 1];
      return lengthOf(byte) > back && (second === undefined || mayFollow(byte, second)) ? back : 0;
    }
  }
  return 0;
}

/** Without the ids at the end that begin a character which is not finished. */
export function wholeCharacters(ids: readonly number[], codec: TokenSpans): readonly number[] {
  let bytes = codec.bytesOf(ids);
  let count = ids.length;
  while (unfinishedBytes(bytes) > 0) {
    count -= 1;
    bytes = bytes.subarray(0, bytes.length - codec.bytesOf(ids.slice(count, count + 1)).length);
  }
  return ids.slice(0, count);
}

/**
 * Index in `ids`, the tokens of `before` and what follows it, of the first token that belongs to what follows: a token
 * with the end of one and the beginning of the other belongs to neither. `ids.length` where there is none.
 * @param before as {@link TokenSpans} gives it back: some tokenizers normalise what they read
 */
export function chunkStart(ids: readonly number[], before: string, codec: TokenSpans): number {
  const border = Buffer.byteLength(before);
  let at = 0;
  for (const [index, id] of ids.entries()) {
    if (at >= border) return index;
    at += codec.bytesOf([id]).length;
  }
  return ids.length;
}
