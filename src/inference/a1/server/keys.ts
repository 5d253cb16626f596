// Who may ask: keys are compared in a time that tells nothing about them.
import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "./api-error.ts";
import { isLoopback } from "./settings.ts";

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

function hostOf(header: string): string {
  return header.replace(/:\d*$/, "");
}

export interface Caller {
  readonly authorization: string | undefined;
  /** Of the request: a page in a browser may name a domain of its own that leads here. */
  readonly host: string | undefined;
}

/**
 * A function that names the party a request belongs to; parties are served in turn.
 * Without keys only who addresses this machine by a loopback name is let in, unless `allowKeyless`.
 * @throws ApiError 401, 403
 */
export function doorFor(keys: readonly string[], allowKeyless: boolean): (caller: Caller) => string {
  const digests = keys.map(digestOf);
  return ({ authorization, host }) => {
    if (digests.length === 0) {
      if (allowKeyless || (host !== undefined && isLoopback(hostOf(host)))) return "";
      const message = "This server has no key and answers only under a loopback name of its machine.";
      throw new ApiError(403, "forbidden_host", message);
    }
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (given === undefined)
      throw new ApiError(401, "missing_api_key", "Expected a header Authorization: Bearer KEY, found none.");
    const digest = digestOf(given);
    // All are compared, whichever fits: no early end.
    const fitting = digests.map((each) => timingSafeEqual(each, digest)).indexOf(true);
    if (fitting < 0) throw new ApiError(401, "invalid_api_key", "The key given is none of this server's.");
    return String(fitting);
  };
}
