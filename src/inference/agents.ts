// An agent in a contestant file: the command that is the contestant, what it brings along, and what it may use up.
import { resolve } from "node:path";
import { z } from "zod";

/** Unless an entry says otherwise: half an hour, and more requests than an agent that gets anywhere needs. */
export const defaultAgentDeadlineSeconds = 1800;
export const defaultAgentRequests = 100;

const text = (expected: string) => z.string(expected).min(1, expected);

export const agentCommandSchema = z
  .array(text("a word of the command"), "expected the words of a command, such as [python3, agent.py]")
  .min(1, "expected the words of a command, such as [python3, agent.py]");

/** Names that the arena sets itself. */
const own = /^(ARENA_|OPENAI_|ANTHROPIC_|PATH$|HOME$|TMPDIR$)/;

const environmentSchema = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable"),
    z.string("expected text"),
  )
  .refine(
    (names) => Object.keys(names).every((name) => !own.test(name)),
    "expected names that the arena does not set itself",
  );

export const agentSchema = z.strictObject({
  /** A folder of the host, shown at /deps/agent. */
  files: text("expected the path of a folder with the agent's own files").exactOptional(),
  /** Run once, with a network, before any issue is there; what they write below /deps is kept. */
  install: z.array(text("expected a command"), "expected a list of commands").exactOptional(),
  /** In the place of the issue's own image. */
  image: text("expected the name of an image").exactOptional(),
  /** Of one run, from its start to its last process. */
  deadlineSeconds: z
    .number("expected seconds")
    .positive("expected seconds, more than 0")
    .max(86_400, "expected at most 86400 seconds")
    .exactOptional(),
  /** Of one run. */
  requests: z.int("expected a whole number of requests").positive().max(10_000).exactOptional(),
  environment: environmentSchema.exactOptional(),
  /** A repository of one commit, the base tree, in the checkout. */
  git: z.boolean("expected true or false").exactOptional(),
});

export type AgentSettings = z.infer<typeof agentSchema>;

/** Requests of one answer: a model is asked once, an agent asks as often as it may. */
export function requestsOf({ command, agent }: AgentEntry): number {
  return command === undefined ? 1 : (agent?.requests ?? defaultAgentRequests);
}

interface AgentEntry {
  readonly command?: readonly string[];
  readonly agent?: AgentSettings;
}

/** Paths beside the file that an agent stands in. */
export function resolvedAgent(agent: AgentSettings, base: string): AgentSettings {
  return agent.files === undefined ? agent : { ...agent, files: resolve(base, agent.files) };
}
