// Real servers of llama.cpp for the full tests: found by the environment, started on a free port, ended with the test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export interface RealServer extends AsyncDisposable {
  readonly origin: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("expected a free port, found none");
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok === true;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** @param ready path that answers once the model is loaded */
async function started(
  command: readonly string[],
  { port, ready }: { readonly port: number; readonly ready: string },
): Promise<RealServer> {
  const [file = "", ...words] = command;
  const child = spawn(file, words, { stdio: "ignore" });
  const origin = `http://127.0.0.1:${port}`;
  let failure: unknown;
  child.once("error", (error) => {
    failure = error;
  });
  while (!(await answers(`${origin}${ready}`))) {
    if (failure !== undefined || child.exitCode !== null) {
      throw new Error(`expected ${file} to serve, found that it ended: run it by hand to see why`, {
        cause: failure,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { origin, [Symbol.asyncDispose]: () => ended(child) };
}

/** @param server address of one that runs, or the binary */
export async function llamaServer(server: string, model: string | undefined): Promise<RealServer> {
  if (/^https?:/.test(server)) return { origin: server, [Symbol.asyncDispose]: async () => undefined };
  if (model === undefined) throw new Error("expected a GGUF in ARENA_LLAMA_MODEL, found none");
  const port = await freePort();
  const limits = ["-c", "8192", "-np", "4", "-t", "1"];
  const command = [server, "-m", model, "--host", "127.0.0.1", "--port", String(port), ...limits];
  return started([...command, "--metrics"], { port, ready: "/health" });
}

export async function llamaPython(python: string, model: string): Promise<RealServer> {
  const port = await freePort();
  const settings = ["--n_ctx", "2048", "--logits_all", "True", "--n_threads", "1"];
  const command = [python, "-m", "llama_cpp.server", "--model", model, "--host", "127.0.0.1"];
  return started([...command, "--port", String(port), ...settings], { port, ready: "/v1/models" });
}
