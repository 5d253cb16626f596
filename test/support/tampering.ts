// Bytes of a stored run, drawn from all its files, and each of them changed for as long as somebody looks.
import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../src/domain/random.ts";

export interface StoredByte {
  readonly file: string;
  readonly offset: number;
}

/** The run's files without its socket and heartbeat, which are a session's. */
function filesOf(run: string): string[] {
  const names = readdirSync(run, { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter((name) => !name.startsWith("control"))
    .map((name) => join(run, name))
    .filter((file) => statSync(file).isFile() && statSync(file).size > 0);
}

/** A third of them in the database, the others each in a file drawn evenly, so that small ones are met as well. */
export function sampledBytes(
  run: string,
  { samples, seed }: { readonly samples: number; readonly seed: string },
): StoredByte[] {
  const random = seededRandom(seed).fork("tampering");
  const files = filesOf(run);
  const database = join(run, "arena.db");
  return Array.from({ length: samples }, (_, index) => {
    const file = index % 3 === 0 ? database : (files[random.integer(files.length)] ?? database);
    return { file, offset: random.integer(statSync(file).size) };
  });
}

function flip({ file, offset }: StoredByte): void {
  const opened = openSync(file, "r+");
  try {
    const byte = Buffer.alloc(1);
    readSync(opened, byte, 0, 1, offset);
    writeSync(opened, Buffer.from([byte.readUInt8() ^ 0xff]), 0, 1, offset);
  } finally {
    closeSync(opened);
  }
}

/** Changed until it is disposed of. */
export function flippedByte(byte: StoredByte): Disposable {
  flip(byte);
  return { [Symbol.dispose]: () => flip(byte) };
}
