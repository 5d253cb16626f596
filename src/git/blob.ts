// The name git gives to a file's content, reckoned without git.
import { createHash } from "node:crypto";

/** @param like an object of the same repository, whose length tells which hash it names objects by */
export function blobId(content: Buffer, like: string): string {
  const hash = createHash(like.length === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${content.length}\0`).update(content).digest("hex");
}
