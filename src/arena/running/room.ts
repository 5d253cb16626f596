// Whether the disk has room for further battles: none begins below a low mark, again above a high one.
import { statfs } from "node:fs/promises";
import { Fault, isFault } from "../../domain/fault.ts";
import type { Clock } from "../../inference/index.ts";
import type { HostWatch } from "./gate.ts";

export interface Watermarks {
  readonly lowBytes: number;
  readonly highBytes: number;
}

const gibibyte = 1024 ** 3;

/** Eight times what a sandbox must find, so that battles that have begun can end. */
export const defaultWatermarks: Watermarks = { lowBytes: 2 * gibibyte, highBytes: 3 * gibibyte };

/** Two marks, so that a disk at the edge does not start and stop battles by turns. */
export function isShort(wasShort: boolean, freeBytes: number, { lowBytes, highBytes }: Watermarks): boolean {
  return freeBytes < (wasShort ? highBytes : lowBytes);
}

/** What an unprivileged writer can still use there. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export interface DiskRoomOptions extends Pick<HostWatch, "clock" | "lookAgainMs"> {
  readonly folders: readonly string[];
  readonly marks: Watermarks;
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly note: (line: string) => void;
}

const size = (bytes: number): string => `${Number((bytes / gibibyte).toPrecision(3))} GiB`;

export class DiskRoom implements HostWatch {
  readonly state = "low-disk";
  readonly clock: HostWatch["clock"];
  readonly lookAgainMs: number;
  readonly #options: DiskRoomOptions;
  readonly #unreadable = new Set<string>();
  #isShort = false;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.lookAgainMs = options.lookAgainMs;
  }

  met(error: unknown): boolean {
    if (!isDiskFull(error)) return false;
    if (!this.#isShort)
      this.#options.note(
        `the disk was full: no battle begins until ${size(this.#options.marks.highBytes)} are free`,
      );
    this.#isShort = true;
    return true;
  }

  async shortage(): Promise<string | undefined> {
    const { folders, marks, note } = this.#options;
    const free = await Promise.all(
      folders.map(async (folder) => ({ folder, bytes: await this.#free(folder) })),
    );
    const short = free.find(({ bytes }) => bytes !== undefined && isShort(this.#isShort, bytes, marks));
    if (short?.bytes === undefined) {
      if (this.#isShort) note("the disk has room again: battles begin again");
      this.#isShort = false;
      return undefined;
    }
    const least = size(this.#isShort ? marks.highBytes : marks.lowBytes);
    const why = `${size(short.bytes)} are free under ${short.folder}, expected at least ${least}`;
    if (!this.#isShort)
      note(`no battle begins: ${why}; it goes on by itself once ${size(marks.highBytes)} are free`);
    this.#isShort = true;
    return why;
  }

  /** Undefined, which is said once, where the file system does not tell. */
  async #free(folder: string): Promise<number | undefined> {
    try {
      return await this.#options.freeBytes(folder);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!this.#unreadable.has(folder))
        this.#options.note(
          `how much room is left under ${folder} cannot be read, nobody watches it: ${error.message}`,
        );
      this.#unreadable.add(folder);
      return undefined;
    }
  }
}

const fullCodes = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL", "host-disk-full"]);

/** A full disk, whoever met it: a sandbox, git, the run's database or a file of ours. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && fullCodes.has(error.code)) return true;
  return isFault(error) && isDiskFull(error.cause);
}

/** What ends a run that found no way around a full disk: a file of ours that met it threw what the system says. */
export function diskFault(error: unknown): unknown {
  if (!(error instanceof Error) || isFault(error)) return error;
  const message = `the disk is full: ${error.message}: free some, then go on`;
  return new Fault("host-disk-full", message, { retryable: false, cause: error });
}

export interface KeepDeps {
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

const tryAgainMs = 5_000;

/**
 * Writes what cannot be had again, an answer that was paid for: while the disk is full it stays in memory and is tried
 * again. Rejects with the signal's reason. @throws what the write throws for any other reason
 */
export async function keptForSure(write: () => void, { clock, signal, note }: KeepDeps): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      write();
      if (tries > 1) note("the disk has room again: the answer that waited for it is stored");
      return;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      if (tries === 1)
        note("the disk is full: an answer that was paid for waits in memory until there is room");
      await clock.sleep(tryAgainMs, signal);
    }
  }
}
