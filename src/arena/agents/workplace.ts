// Where an agent works: a sandbox over the base tree, prepared as for judged code and unbuilt, with the agent's own files.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ExecResult, Sandbox, SandboxProvider, SandboxSpec } from "../../../sandboxes/index.ts";
import { type FolderRepository, Repository } from "../../git/index.ts";
import type { Contestant } from "../../inference/index.ts";
import type { Case } from "../case.ts";
import { type Judging, onlineEnv } from "../judging.ts";
import { agentLayer, madeOnce } from "../layers.ts";
import { lostSandbox, unusableAgent } from "./fault.ts";
import { checkoutFolder, isOutletLost } from "./listing.ts";

export interface WorkplaceDeps {
  readonly judging: Judging;
  readonly sandboxes: SandboxProvider;
  /** What agents bring along and install is kept here between runs. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

export interface AgentSetup {
  readonly contestant: Contestant;
  /** Its own files as a repository of one commit. */
  readonly files?: FolderRepository | undefined;
}

export interface Workplace {
  readonly env: Readonly<Record<string, string>>;
  open<T>(network: SandboxSpec["network"], use: (sandbox: Sandbox) => Promise<T>): Promise<T>;
}

const installTimeoutMs = 1_800_000;
const setUpTimeoutMs = 300_000;
const maxOutputBytes = 200_000;

const succeeded = ({ outcome }: ExecResult): boolean => outcome.kind === "exited" && outcome.code === 0;
const lastWords = ({ stdout, stderr }: ExecResult): string =>
  `${stdout.toString("utf8")}${stderr.toString("utf8")}`.trim().slice(-2000);

function digestOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Layers of agents, each made once however many runs need it at the same time. */
export class Workplaces {
  readonly #deps: WorkplaceDeps;
  readonly #made = new Map<string, Promise<readonly string[]>>();

  constructor(deps: WorkplaceDeps) {
    this.#deps = deps;
  }

  /** @throws AgentFault agent-unusable; SandboxFault, PreparationFault, GitFault */
  async of(of: Case, setup: AgentSetup): Promise<Workplace> {
    const { judging, sandboxes } = this.#deps;
    const { unbuilt } = await judging.prepared(of);
    const image = setup.contestant.agent?.image ?? of.instance.ci.image;
    const env = await sandboxes.imageEnv(image);
    const layers = [...(await this.#own(setup, image, env)), ...unbuilt];
    return { env, open: (network, use) => judging.inSandbox({ image, layers, network }, use) };
  }

  #own(setup: AgentSetup, image: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const key = `${setup.contestant.id} ${image}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const fresh = this.#layers(setup, image, env);
    this.#made.set(key, fresh);
    fresh.catch(() => this.#made.delete(key));
    return fresh;
  }

  async #layers(
    { contestant, files }: AgentSetup,
    image: string,
    env: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> {
    const { cache, sandboxes } = this.#deps;
    const brought = files === undefined ? [] : [await this.#brought(files)];
    const install = contestant.agent?.install ?? [];
    if (install.length === 0) return brought;
    const key = digestOf(await sandboxes.imageDigest(image), brought, install);
    await mkdir(join(cache, "agents"), { recursive: true });
    const installed = await madeOnce(join(cache, "agents", key), (aside) =>
      this.#install(
        install,
        { image, layers: brought, network: "registries" },
        { env, snapshot: aside, contestant },
      ),
    );
    return [...brought, installed];
  }

  async #brought({ gitDir, commit }: FolderRepository): Promise<string> {
    const { cache } = this.#deps;
    const scratch = join(cache, "objects", "agents");
    const repository = await Repository.open(gitDir, scratch);
    return agentLayer(repository, await repository.treeOf(commit), cache);
  }

  /** With a network, as preparation: no issue and no repository is there yet. */
  #install(
    commands: readonly string[],
    place: Parameters<Judging["inSandbox"]>[0],
    {
      env,
      snapshot,
      contestant,
    }: { env: Readonly<Record<string, string>>; snapshot: string; contestant: Contestant },
  ): Promise<void> {
    return this.#deps.judging.inSandbox(place, async (sandbox) => {
      for (const command of commands) {
        const request = { argv: ["sh", "-e", "-c", command], cwd: "/deps", timeoutMs: installTimeoutMs };
        const result = await sandbox.exec(
          { ...request, env: { ...env, ...onlineEnv, PIP_NO_CACHE_DIR: "1" }, maxOutputBytes },
          this.#deps.signal,
        );
        if (succeeded(result)) continue;
        throw unusableAgent(
          `${contestant.id}: its install command "${command}" did not succeed (${JSON.stringify(result.outcome)}). ` +
            `Its last output:\n${lastWords(result)}`,
        );
      }
      await sandbox.snapshot(snapshot);
    });
  }
}

export interface SetUp {
  readonly contestant: Contestant;
  readonly files: ReadonlyMap<string, string>;
  readonly of: Case;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One commit of the base tree's own files, by nobody, at no time. */
const commitScript = [
  "git init --quiet --template= --initial-branch=main .",
  "git --literal-pathspecs add --force --pathspec-from-file=- --pathspec-file-nul",
  "git -c core.hooksPath=/dev/null -c commit.gpgSign=false commit --quiet --no-verify --allow-empty -m Base",
  "git config user.name agent",
  "git config user.email agent@example.invalid",
].join("\n");

const nobody = {
  ...{ GIT_AUTHOR_NAME: "Swing Arena", GIT_AUTHOR_EMAIL: "arena@example.invalid" },
  ...{ GIT_COMMITTER_NAME: "Swing Arena", GIT_COMMITTER_EMAIL: "arena@example.invalid" },
  ...{ GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z", GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z" },
  ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
};

/**
 * Puts the task on disk, makes the repository that many agents look for, and sees that the command is there: all before
 * a word of the agent's own runs. @throws AgentFault; SandboxFault
 */
export async function setUp(sandbox: Sandbox, { contestant, files, of, env, signal }: SetUp): Promise<void> {
  for (const [path, text] of files) {
    const written = await sandbox.write(path, Buffer.from(text));
    if (!written.ok) throw lostSandbox(`${path} could not be written: ${written.error}`);
  }
  const [program = ""] = contestant.command ?? [];
  const common = {
    cwd: checkoutFolder,
    env: { ...env, ...nobody },
    timeoutMs: setUpTimeoutMs,
    maxOutputBytes,
  };
  const there = await sandbox.exec(
    { ...common, argv: ["sh", "-c", 'command -v "$1"', "sh", program], cwd: checkoutFolder },
    signal,
  );
  if (isOutletLost(there)) throw lostSandbox(lastWords(there));
  if (!succeeded(there)) {
    throw unusableAgent(
      `${contestant.id}: expected the command "${program}" in its sandbox, found none: bring it along (agent.files, ` +
        "agent.install), or name an image that has it (agent.image)",
    );
  }
  if (contestant.agent?.git === false) return;
  const paths = of.baseEntries.filter(({ mode }) => mode !== "160000").map(({ path }) => path);
  const made = await sandbox.exec(
    { ...common, argv: ["sh", "-e", "-c", commitScript], stdin: paths.map((path) => `${path}\0`).join("") },
    signal,
  );
  if (succeeded(made)) return;
  throw unusableAgent(
    `${contestant.id}: no repository could be made in its checkout: ${lastWords(made)}. An image without git needs ` +
      "agent.git: false",
  );
}
