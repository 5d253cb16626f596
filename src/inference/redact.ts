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

/**
 * `text` without any of the `secrets`, however spelled, without what follows `Bearer`, and without words that show
 * a secret's beginning and hide the rest behind stars, as providers do when they refuse a key.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const worthHiding = secrets.filter((secret) => secret.length >= shortestSecret);
  const all = [...new Set(worthHiding.flatMap(spellings))].sort((a, b) => b.length - a.length);
  let clean = text;
  for (const spelling of all) clean = clean.replaceAll(spelling, mask);
  for (const secret of worthHiding) {
    const shownPart = escaped(secret.slice(0, 3));
    clean = clean.replace(new RegExp(`${shownPart}[^\\s"']*\\*{2,}[^\\s"']*`, "g"), mask);
  }
  return clean.replace(/\bBearer\s+[^\s"',;]+/gi, `Bearer ${mask}`);
}
