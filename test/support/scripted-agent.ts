// An agent that is a function, in a sandbox that runs nothing: what becomes of its answers, calls and faults.
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import {
  type ExecRequest,
  type ScriptedAnswer,
  type ScriptedProvider,
  scriptedSandboxes,
} from "../../sandboxes/index.ts";

export interface AgentWorld {
  readonly env: ExecRequest["env"];
  /** By absolute path; what it changes below /work is its answer. */
  readonly files: Map<string, Buffer>;
  /** Asks the model once; the status of what came back. */
  ask(text: string): Promise<number>;
}

/** How it ends; exit code 0 when it says nothing. */
export type ScriptedAgent = (world: AgentWorld) => Promise<Partial<ScriptedAnswer> | undefined>;

const exited = (code: number): ScriptedAnswer => ({ outcome: { kind: "exited", code } });

/** As the image's own find tells it, the content's hash in the place of the time of its change. */
function listing(files: ReadonlyMap<string, Buffer>): string {
  const below = [...files].filter(([path]) => path.startsWith("/work/") && !path.includes("/.git/"));
  return below
    .map(([path, content]) => {
      const changedAt = createHash("sha256").update(content).digest("hex");
      return ["f", "644", content.length, changedAt, "", path.slice("/work/".length), ""].join("\0");
    })
    .join("");
}

function asker(socketPath: string, env: ExecRequest["env"]): AgentWorld["ask"] {
  const headers = { authorization: `Bearer ${env.OPENAI_API_KEY}`, "content-type": "application/json" };
  return (text) =>
    new Promise((resolve, reject) => {
      const options = { socketPath, path: "/v1/chat/completions", method: "POST", headers };
      const outgoing = httpRequest(options, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      });
      outgoing.on("error", reject);
      const messages = [{ role: "user", content: text }];
      outgoing.end(JSON.stringify({ model: env.ARENA_MODEL, messages }));
    });
}

/** Its command is `agent`; whatever else runs is the arena's. */
export function agentSandboxes(agent: ScriptedAgent): ScriptedProvider {
  return scriptedSandboxes(async ({ argv, env }, { files, spec }) => {
    const [program = ""] = argv;
    if (program === "/usr/bin/find") return { ...exited(0), stdout: listing(files) };
    if (program !== "agent") return exited(0);
    if (typeof spec.network === "string") throw new Error("an agent was run without its way out");
    const ended = await agent({ env, files, ask: asker(spec.network.socket, env) });
    return { ...exited(0), ...ended };
  });
}
