// Listens in the run folder while a run is played: nobody but the owner can reach it, and nothing it hears can end it.
import { type FileHandle, open, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import {
  type ControlAnswer,
  type ControlRequest,
  controlVersion,
  mostQuestionBytes,
  requestSchema,
} from "./control.ts";
import { makeControlFolder, socketOf } from "./control-folder.ts";

const patienceMs = 5_000;
const mostConnections = 16;

function answerTo(line: string, act: (request: ControlRequest) => ControlAnswer): ControlAnswer {
  let asked: unknown;
  try {
    asked = JSON.parse(line);
  } catch {
    return { ok: false, because: "expected one line of JSON" };
  }
  const request = requestSchema.safeParse(asked);
  if (request.success) return act(request.data.asked);
  const because = `the run is played by a release that takes control version ${controlVersion} and not this request`;
  return { ok: false, because };
}

function serve(socket: Socket, act: (request: ControlRequest) => ControlAnswer): void {
  let text = "";
  socket.setTimeout(patienceMs, () => socket.destroy());
  // Who hangs up before the answer wanted none.
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0 && text.length <= mostQuestionBytes) return;
    socket.removeAllListeners("data");
    const answer: ControlAnswer =
      end < 0 || end > mostQuestionBytes
        ? { ok: false, because: `expected at most ${mostQuestionBytes} bytes` }
        : answerTo(text.slice(0, end), act);
    socket.end(`${JSON.stringify(answer)}\n`);
  });
}

/**
 * The address of a Unix socket holds 107 bytes; through an open folder every path is short (Linux). The folder stays open
 * as long as the server: Node removes the socket by that address.
 */
function listen(server: Server, folder: FileHandle, path: string): Promise<void> {
  const short = process.platform === "linux" ? `/proc/self/fd/${folder.fd}/${basename(path)}` : path;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(short, resolve);
  });
}

/**
 * Answers until it is closed. The caller owns the run: a socket that is there was left by a process that is dead.
 * @throws UsageError, or what the file system says where it bears no sockets
 */
export async function serveControl(
  run: string,
  act: (request: ControlRequest) => ControlAnswer,
): Promise<AsyncDisposable> {
  await makeControlFolder(run);
  const path = socketOf(run);
  await rm(path, { force: true, recursive: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, act);
  });
  server.maxConnections = mostConnections;
  const folder = await open(dirname(path), "r");
  await listen(server, folder, path).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  server.on("error", () => undefined);
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroySoon();
      await closed;
      await folder.close();
      await rm(path, { force: true });
    },
  };
}
