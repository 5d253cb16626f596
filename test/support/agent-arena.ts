// One agent on the toy issue in real or scripted sandboxes, before a scripted endpoint: what a run of it comes to.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultLimits, type SandboxLimits, type SandboxProvider } from "../../sandboxes/index.ts";
import { AgentPlayer } from "../../src/arena/agents/agent-player.ts";
import { Workplaces } from "../../src/arena/agents/workplace.ts";
import { Evidence } from "../../src/arena/evidence.ts";
import { Judging } from "../../src/arena/judging.ts";
import type { Answered, ReviewAnswer, SubmitAnswer, SubmitAsk } from "../../src/arena/player.ts";
import { agentTemplates } from "../../src/arena/prompts.ts";
import { slots } from "../../src/arena/slots.ts";
import type { Role, RunStore } from "../../src/domain/run.ts";
import { type FolderRepository, repositoryOfFolder } from "../../src/git/index.ts";
import { Budget, type BudgetLimits, type Contestant, Endpoints } from "../../src/inference/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { type CaseRequest, type TestCase, testCase } from "./arena-case.ts";
import { type Script, type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { planned, settings, toyRunner } from "./toy-arena.ts";
import { virtualClock } from "./virtual-clock.ts";

export interface AgentArenaRequest {
  readonly provider: SandboxProvider;
  readonly script?: Script;
  readonly limits?: SandboxLimits;
  readonly base?: CaseRequest;
}

export interface Asking {
  readonly over?: Partial<Contestant>;
  readonly budget?: BudgetLimits;
  readonly ask?: Partial<SubmitAsk>;
  readonly signal?: AbortSignal;
  /** A folder of its own files. */
  readonly files?: string;
}

export interface AgentArena extends AsyncDisposable {
  readonly toy: TestCase;
  readonly endpoint: ScriptedEndpoint;
  readonly store: RunStore;
  readonly folder: string;
  submit(command: readonly string[], asking?: Asking): Promise<Answered<SubmitAnswer>>;
  review(command: readonly string[], asking?: Asking): Promise<Answered<ReviewAnswer>>;
  /** A file of the round's evidence; `.json` tells how the run ended. */
  evidence(role: Role, what: string, attempt?: number): Promise<string>;
}

export const toyRequest: CaseRequest = {
  base: {
    "app.py": "old = 1\n",
    "tests/test_old.py": "# needs old\nassert old\n",
    ".gitignore": "*.log\n/out/\n",
    "run.sh": "#!/bin/sh\n",
    "lib/deep/a.txt": "a\n",
  },
  links: { "link.py": "app.py" },
  gold: { "app.py": "old = 1\nfixed = 1\n" },
  hidden: { "tests/test_hidden.py": "# needs fixed\nassert hidden_word\n" },
};

export const agentKey = "sk-real-key-123456";

function contestant(baseUrl: string, command: readonly string[]): Contestant {
  return {
    ...{ id: "ann", provider: "openai", baseUrl, model: "m-1", keyEnv: "ANN_KEY", command },
    ...{ contextTokens: 10_000, maxOutputTokens: 1000, answer: "edits", attempts: 2 },
    prices: { inputPerMillion: 1, outputPerMillion: 2 },
    agent: { deadlineSeconds: 30, git: false },
  };
}

/** One round of one battle; the same round may be asked for again, as after a crash. */
export async function agentArena(request: AgentArenaRequest): Promise<AgentArena> {
  const { provider, script = [], limits = defaultLimits, base = toyRequest } = request;
  const toy = await testCase(base);
  const home = await mkdtemp(join(tmpdir(), "arena-agents-"));
  const endpoint = await scriptedEndpoint(script);
  const store = openStore(":memory:");
  store.saveSettings(settings);
  store.planBattles([planned()]);
  const evidence = new Evidence(join(home, "run"));
  const cache = join(home, "cache");
  let ids = 0;
  const uniqueId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  const playerOf = async (command: readonly string[], asking: Asking): Promise<AgentPlayer> => {
    const { over = {}, budget = {}, signal = new AbortController().signal, files } = asking;
    const ann: Contestant = { ...contestant(endpoint.baseUrl, command), ...over };
    const clock = virtualClock();
    const judging = new Judging({
      ...{ sandboxes: provider, runnerFor: () => toyRunner(), cache, limits, run: "toy", seed: "canaries" },
      ...{ now: clock.now, signal, slots: slots(1) },
    });
    const own: FolderRepository | undefined =
      files === undefined ? undefined : await repositoryOfFolder(files, cache);
    const run = {
      ...{
        apiKey: agentKey,
        budget: new Budget(budget),
        clock,
        random: { next: () => 0.5 },
        policy: {},
        uniqueId,
        signal,
      },
      slots: new Endpoints(clock, () => {}).slotsOf(ann, agentKey),
    };
    const workplaces = new Workplaces({ judging, sandboxes: provider, cache, signal });
    const parts = { contestant: ann, files: own, templates: agentTemplates(), run, workplaces };
    return new AgentPlayer({ ...parts, store, evidence });
  };
  const ask: SubmitAsk = {
    ...{ of: toy.of, call: { battleId: "b1", round: 1 }, turn: 0, feedback: [], seed: "seed" },
    retrieval: settings.retrieval,
  };
  return {
    ...{ toy, endpoint, store, folder: join(home, "run") },
    submit: async (command, asking = {}) =>
      (await playerOf(command, asking)).submit({ ...ask, ...asking.ask }),
    review: async (command, asking = {}) =>
      (await playerOf(command, asking)).review({ ...ask, hintMode: "none", ...asking.ask }),
    evidence: (role, what, attempt = 1) =>
      evidence.readText(`battles/b1/round-1/${role}-agent-${attempt}${what}`),
    [Symbol.asyncDispose]: async () => {
      store.close();
      await endpoint[Symbol.asyncDispose]();
      await toy[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
