// Ed25519 keys that ledgers are signed with: one a user, made on first use, its private half in one file alone.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { storeFault } from "../fault.ts";

export interface Signer {
  /** The public key: its 32 bytes in base64url. */
  readonly key: string;
  /** The signature, base64url. */
  sign(message: Buffer): string;
}

const publicShape = z.object({ crv: z.literal("Ed25519"), x: z.string() });

function signerOf(key: KeyObject): Signer {
  const { x } = publicShape.parse(createPublicKey(key).export({ format: "jwk" }));
  return { key: x, sign: (message) => sign(null, message, key).toString("base64url") };
}

/** A key that lasts as long as the process: for tests, and for runs in memory. */
export function passingSigner(): Signer {
  return signerOf(generateKeyPairSync("ed25519").privateKey);
}

/** Written aside and linked into place: of two processes that make it at once one is first, and both read its key. */
function makeKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  const aside = `${path}.${process.pid}.part`;
  writeFileSync(aside, pem, { mode: 0o600 });
  try {
    linkSync(aside, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    unlinkSync(aside);
  }
}

/** The key in this file, which is made where there is none. @throws StoreFault when it can be neither read nor made */
export function openSigner(path: string): Signer {
  try {
    if (!existsSync(path)) makeKey(path);
    return signerOf(createPrivateKey(readFileSync(path)));
  } catch (cause) {
    throw storeFault(
      `the key that ledgers are signed with cannot be read from ${path}, nor made there: ${String(cause)}. ` +
        "What to do: let ARENA_CONFIG name a folder that can be written, or bring back an Ed25519 key (PKCS #8, PEM)",
      cause,
    );
  }
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "base64url");
const isPlain = (text: string): boolean => bytesOf(text).toString("base64url") === text;

/** Whether the holder of this public key signed this message. False for a key or a signature that is none. */
export function isSignedBy(key: string, message: Buffer, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key }, format: "jwk" });
    // A text that decodes to the same bytes is another text: nothing stored may be changed unseen.
    return [key, signature].every(isPlain) && verify(null, message, publicKey, bytesOf(signature));
  } catch {
    return false;
  }
}
