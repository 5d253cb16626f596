// Asks the process that plays a run; tells a run that nobody plays from one that does not answer.
import { open } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { Fault } from "../../domain/fault.ts";
import {
  answerSchema,
  type ControlAnswer,
  type ControlRequest,
  controlVersion,
  mostAnswerBytes,
} from "./control.ts";
import { hasControlFolder, socketOf } from "./control-folder.ts";

const patienceMs = 10_000;

/**
 * `nobody-listens`: no process has the socket open. `no-answer`: one has, and does not answer as ours would. `refused`:
 * ours has answered that it will not.
 */
export class ControlFault extends Fault<"nobody-listens" | "no-answer" | "refused"> {}

const nobody = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK", "ENXIO", "ENOTDIR"]);

function connectFault(run: string, cause: Error): ControlFault {
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (nobody.has(code)) {
    const message = `no process listens in ${run}`;
    return new ControlFault("nobody-listens", message, { retryable: false, cause });
  }
  return new ControlFault("no-answer", `${socketOf(run)} cannot be asked: ${cause.message}`, {
    retryable: true,
    cause,
  });
}

async function connect(run: string): Promise<Socket> {
  const path = socketOf(run);
  const folder = await open(dirname(path), "r");
  try {
    const short = process.platform === "linux" ? `/proc/self/fd/${folder.fd}/${basename(path)}` : path;
    return await new Promise((resolve, reject) => {
      const socket = createConnection(short, () => resolve(socket));
      socket.once("error", (cause) => reject(connectFault(run, cause)));
    });
  } finally {
    await folder.close();
  }
}

function lineFrom(socket: Socket, run: string): Promise<string> {
  const refuse = (what: string) =>
    new ControlFault("no-answer", `the process that listens in ${run} ${what}`, { retryable: true });
  return new Promise((resolve, reject) => {
    let text = "";
    // Of the whole answer, not of a pause in it: a hostile one could drip for ever.
    const timer = setTimeout(
      () => reject(refuse(`gave no answer within ${patienceMs / 1000} s`)),
      patienceMs,
    );
    const end = (): void => clearTimeout(timer);
    socket.on("error", (cause) => {
      end();
      reject(connectFault(run, cause));
    });
    socket.on("close", () => {
      end();
      reject(refuse("hung up without an answer"));
    });
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const at = text.indexOf("\n");
      if (at < 0 && text.length <= mostAnswerBytes) return;
      end();
      if (at < 0) reject(refuse("answers without an end"));
      else resolve(text.slice(0, at));
    });
  });
}

function parsed(line: string, run: string): ControlAnswer {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const answer = answerSchema.safeParse(value);
  if (answer.success) return answer.data;
  throw new ControlFault(
    "no-answer",
    `what listens in ${run} does not answer as this release of arena does`,
    {
      retryable: false,
    },
  );
}

/** @throws ControlFault; UsageError when the run's control folder is not the caller's own */
export async function askRun(run: string, asked: ControlRequest): Promise<ControlAnswer> {
  if (!(await hasControlFolder(run)))
    throw new ControlFault("nobody-listens", `no process listens in ${run}`, { retryable: false });
  const socket = await connect(run);
  try {
    const line = lineFrom(socket, run);
    socket.write(`${JSON.stringify({ version: controlVersion, asked })}\n`);
    return parsed(await line, run);
  } finally {
    socket.destroy();
  }
}
