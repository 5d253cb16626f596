// Keeps compiled tests unreadable until they run: judged code of one phase must not see the binaries of the other.

import type { Random } from "../../../domain/random.ts";
import { type RunnerContext, workDirectory, write } from "../../program.ts";
import { Bench, type Steps, succeeded } from "./bench.ts";

// ChaCha20 over whole files, key on standard input: `in` is removed, `out` appears, executable. Sealing and opening
// are the same act. Nothing secret is in this text, and no process of the judged code lives while it runs.
const program = `#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define R(v, n) (((v) << (n)) | ((v) >> (32 - (n))))
#define Q(a, b, c, d) a += b; d = R(d ^ a, 16); c += d; b = R(b ^ c, 12); a += b; d = R(d ^ a, 8); c += d; b = R(b ^ c, 7)
static uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
static void block(uint8_t *out) {
  uint32_t x[16];
  memcpy(x, state, sizeof x);
  for (int i = 0; i < 10; i++) {
    Q(x[0], x[4], x[8], x[12]); Q(x[1], x[5], x[9], x[13]); Q(x[2], x[6], x[10], x[14]); Q(x[3], x[7], x[11], x[15]);
    Q(x[0], x[5], x[10], x[15]); Q(x[1], x[6], x[11], x[12]); Q(x[2], x[7], x[8], x[13]); Q(x[3], x[4], x[9], x[14]);
  }
  for (int i = 0; i < 16; i++) x[i] += state[i];
  memcpy(out, x, 64);
  state[12]++;
}
static int turn(const char *from, const char *to) {
  static uint8_t data[65536], key[65536];
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  if (!in || !out) return 1;
  state[12] = 0;
  state[13]++;
  for (size_t n; (n = fread(data, 1, sizeof data, in)) > 0;) {
    for (size_t i = 0; i < sizeof key; i += 64) block(key + i);
    for (size_t i = 0; i < n; i++) data[i] ^= key[i];
    if (fwrite(data, 1, n, out) != n) return 1;
  }
  if (ferror(in) || fclose(out) || fclose(in)) return 1;
  return chmod(to, 0755) || unlink(from);
}
int main(void) {
  static char from[4096], to[4096];
  for (int i = 4; i < 12; i++) if (scanf("%8x", &state[i]) != 1) return 2;
  if (getchar() != '\\n') return 2;
  while (fgets(from, sizeof from, stdin) && fgets(to, sizeof to, stdin)) {
    from[strcspn(from, "\\n")] = to[strcspn(to, "\\n")] = 0;
    if (turn(from, to)) { perror(from); return 1; }
  }
  return 0;
}
`;

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => random.integer(16).toString(16)).join("");
}

export interface SealedPhase {
  readonly key: string;
  /** Executable paths in the order they were sealed. */
  readonly executables: readonly string[];
  readonly digests: ReadonlyMap<string, string>;
  readonly blobs: readonly string[];
}

/** The vault keeps its own time: a job that used up its own has not replaced a binary. */
const ownTimeMs = 300_000;

export class Vault {
  readonly folder: string;
  readonly #bench: Bench;
  readonly #random: Random;
  #made = 0;

  constructor(context: RunnerContext) {
    this.#bench = new Bench({ ...context, timeoutMs: ownTimeMs });
    this.#random = context.random.fork("vault");
    this.folder = `${workDirectory}/.${hex(this.#random, 12)}`;
  }

  /** SHA-256 by path, as `sha256sum` says; a file that cannot be read is absent. */
  *digests(paths: readonly string[]): Steps<ReadonlyMap<string, string>> {
    if (paths.length === 0) return new Map();
    const argv = ["sha256sum", "--", ...paths];
    const { stdout } = yield* this.#bench.run({
      label: "digests of the test binaries",
      argv,
      cwd: workDirectory,
    });
    const lines = stdout.split("\n").flatMap((line) => {
      const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[2], match[1]] as const];
    });
    return new Map(lines);
  }

  /** Takes those that exist away, readable to nobody without a key that stays with us. */
  *seal(wanted: readonly string[]): Steps<SealedPhase | undefined> {
    const digests = yield* this.digests(wanted);
    const executables = [...digests.keys()];
    const key = Array.from({ length: 8 }, () => hex(this.#random, 8)).join(" ");
    const blobs = executables.map(() => `${this.folder}/${hex(this.#random, 12)}`);
    const pairs = executables.map((path, index) => [path, blobs[index] ?? ""] as const);
    const sealed = { key, executables, digests, blobs };
    return (yield* this.#turn(key, pairs)) ? sealed : undefined;
  }

  /** Puts the executables of a phase back; false when what comes out is not what was sealed. */
  *open({ key, executables, digests, blobs }: SealedPhase): Steps<boolean> {
    const pairs = executables.map((path, index) => [blobs[index] ?? "", path] as const);
    if (!(yield* this.#turn(key, pairs))) return false;
    return yield* this.unchanged(digests);
  }

  *unchanged(digests: ReadonlyMap<string, string>): Steps<boolean> {
    const now = yield* this.digests([...digests.keys()]);
    return [...digests].every(([path, digest]) => now.get(path) === digest);
  }

  // Compiled afresh each time: judged code may have replaced the last one, to be handed the key.
  *#turn(key: string, pairs: readonly (readonly [string, string])[]): Steps<boolean> {
    const tool = `${this.folder}/tool-${this.#made}`;
    this.#made += 1;
    yield* write(`${tool}.c`, program);
    const compile = ["cc", "-O2", "-w", "-o", tool, `${tool}.c`];
    const built = yield* this.#bench.run({ label: "build the vault", argv: compile, cwd: this.folder });
    if (!succeeded(built)) return false;
    const stdin = `${key}\n${pairs.map(([from, to]) => `${from}\n${to}\n`).join("")}`;
    const turned = yield* this.#bench.run({ label: "turn the vault", argv: [tool], cwd: this.folder, stdin });
    return succeeded(turned);
  }
}
