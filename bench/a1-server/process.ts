// What the benchmark's processes have in common: a clock they share, and questions from the process that started them.
import { type ChildProcess, fork } from "node:child_process";
import { z } from "zod";

/** Of the machine's monotonic clock: the same in every process. */
export function microseconds(): number {
  return Math.round(Number(process.hrtime.bigint()) / 1000);
}

const started = z.object({ started: z.object({ port: z.number() }).nullable() });
const asked = z.object({ id: z.number(), message: z.unknown() });
const answered = z.object({ id: z.number(), answer: z.unknown(), cpuUs: z.number(), rssBytes: z.number() });

/** In a child: tells where it listens, if it does, and answers what it is asked. */
export function answerParent(address: unknown, answer: (message: unknown) => Promise<unknown>): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (raw) => {
    const { id, message } = asked.parse(raw);
    const reply = message === null ? {} : await answer(message);
    const { user, system } = process.cpuUsage();
    process.send?.({ id, answer: reply, cpuUs: user + system, rssBytes: process.memoryUsage().rss });
  });
  process.send?.({ started: address });
}

export interface Child {
  readonly port: number;
  ask(message: unknown): Promise<unknown>;
  usage(): Promise<{ readonly cpuUs: number; readonly rssBytes: number }>;
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
  });
  child.setMaxListeners(0);
  const message = started.parse(await once(child, (each) => started.safeParse(each).success));
  let questions = 0;
  const exchange = async (question: unknown) => {
    questions += 1;
    const id = questions;
    const reply = once(child, (each) => answered.safeParse(each).data?.id === id);
    child.send({ id, message: question });
    return answered.parse(await reply);
  };
  return {
    port: message.started?.port ?? 0,
    ask: async (question) => (await exchange(question)).answer,
    usage: () => exchange(null),
    end: () => child.disconnect(),
  };
}
