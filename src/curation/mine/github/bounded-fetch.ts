// A fetch whose answers end: by size, and by time.

/** A page of a hundred pull requests, each with the longest text GitHub takes, is a tenth of it. */
const mostBytes = 256 * 1024 * 1024;
/** GitHub itself gives up after ten seconds. */
const longestMs = 120_000;

async function* bounded(body: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new TypeError(`${url}: expected at most ${mostBytes} bytes, found more`);
    yield chunk;
  }
}

/** @throws TypeError for what is too large, as fetch does for what cannot be had; the signal's reason */
export async function boundedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const deadline = AbortSignal.timeout(longestMs);
  const signal = init.signal == null ? deadline : AbortSignal.any([init.signal, deadline]);
  const response = await fetch(url, { ...init, signal });
  const parts: Uint8Array[] = [];
  if (response.body !== null) for await (const part of bounded(response.body, url)) parts.push(part);
  const { status, statusText, headers } = response;
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const whole = new Response(hasBody ? Buffer.concat(parts) : null, { status, statusText, headers });
  Object.defineProperty(whole, "url", { value: response.url });
  return whole;
}
