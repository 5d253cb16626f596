// What the benchmark's processes have in common: a clock they share, and questions from the process that started them.
import { type ChildProcess, fork } from "node:child_process";
import { z } from "zod";

/** Of the machine's monotonic clock: the same in every process. */
export function microseconds(): number {
  return Math.round(Number(process.hrtime.bigint()) / 1000);
}

const started = z.object({ started: z.object({ port: z.number() }).nullable() });
const asked = z.object({ id: z.number(), message: z.unknown() });
const answered = z.object({ id: z.number(), answer: z.unknown(), cpuUs: z.number() });
const memory = z.object({ rssBytes: z.number(), liveBytes: z.number() });
export type MemoryUse = z.infer<typeof memory>;

/** What is left after a full collection: what leaks grows it, garbage that waits does not. */
function memoryUse(): MemoryUse {
  const { rss: rssBytes } = process.memoryUsage();
  if (globalThis.gc === undefined) throw new Error("expected a process with --expose-gc");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return { rssBytes, liveBytes: heapUsed + external };
}

const questions = { usage: "usage", memory: "memory" } as const;

function answerOwn(message: unknown): unknown {
  if (message === questions.usage) return {};
  return message === questions.memory ? memoryUse() : undefined;
}

/** In a child: tells where it listens, if it does, and answers what it is asked. */
export function answerParent(address: unknown, answer: (message: unknown) => Promise<unknown>): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (raw) => {
    const { id, message } = asked.parse(raw);
    const reply = answerOwn(message) ?? (await answer(message));
    const { user, system } = process.cpuUsage();
    process.send?.({ id, answer: reply, cpuUs: user + system });
  });
  process.send?.({ started: address });
}

export interface Child {
  readonly port: number;
  ask(message: unknown): Promise<unknown>;
  usage(): Promise<{ readonly cpuUs: number }>;
  memory(): Promise<MemoryUse>;
  end(): void;
}

function once(child: ChildProcess, fits: (message: unknown) => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      if (!fits(message)) return;
      child.off("message", listen);
      child.off("exit", ended);
      resolve(message);
    };
    const ended = (code: number | null): void =>
      reject(new Error(`a process of the benchmark ended: ${code}`));
    child.on("message", listen);
    child.on("exit", ended);
  });
}

export async function startChild(file: string, args: readonly string[] = []): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [...process.execArgv, "--expose-gc"],
  });
  child.setMaxListeners(0);
  const message = started.parse(await once(child, (each) => started.safeParse(each).success));
  let asking = 0;
  const exchange = async (question: unknown) => {
    asking += 1;
    const id = asking;
    const reply = once(child, (each) => answered.safeParse(each).data?.id === id);
    child.send({ id, message: question });
    return answered.parse(await reply);
  };
  return {
    port: message.started?.port ?? 0,
    ask: async (question) => (await exchange(question)).answer,
    usage: () => exchange(questions.usage),
    memory: async () => memory.parse((await exchange(questions.memory)).answer),
    end: () => child.disconnect(),
  };
}
