// Keys must not reach a log, an error or a stored call, in any spelling a server may echo.

const mask = "[redacted]";

/** Shorter than this it is no secret, and removing it would only garble the text. */
const shortestSecret = 4;

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The secret as it is, as a URL, as base64 and as a JSON string would spell it. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [secret, encodeURIComponent(secret), base64, base64.replace(/=+$/, ""), quoted];
}

const longestFirst = (secrets: readonly string[]): string[] =>
  [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);

const without = (text: string, secrets: readonly string[]): string =>
  longestFirst(secrets).reduce((clean, spelling) => clean.replaceAll(spelling, mask), text);

/** Providers' keys are longer; a shorter one, such as a local server's, may be a word of an answer. */
const shortestKey = 16;

/**
 * A model's answer without the `secrets`, however spelled, and nothing else changed: what looks like a secret there is
 * code, and an answer must stay the JSON it was.
 */
export function withoutKeys(answer: string, secrets: readonly string[]): string {
  return without(
    answer,
    secrets.filter((secret) => secret.length >= shortestKey),
  );
}

/**
 * `text` without any of the `secrets`, however spelled, without what follows `Bearer`, and without words that show
 * a secret's beginning and hide the rest behind stars, as providers do when they refuse a key.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const worthHiding = secrets.filter((secret) => secret.length >= shortestSecret);
  let clean = without(text, worthHiding);
  for (const secret of worthHiding) {
    const shownPart = escaped(secret.slice(0, 3));
    clean = clean.replace(new RegExp(`${shownPart}[^\\s"']*\\*{2,}[^\\s"']*`, "g"), mask);
  }
  return clean.replace(/\bBearer\s+[^\s"',;]+/gi, `Bearer ${mask}`);
}
