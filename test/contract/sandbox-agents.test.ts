// Agents in real sandboxes of both classes: what honest ones leave, what hostile ones are called, and what none can reach.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bubblewrapSandboxes, type SandboxLimits, type SandboxProvider } from "../../sandboxes/index.ts";
import { type Candidate, candidateOf } from "../../src/arena/candidate.ts";
import { type AgentArena, type Asking, agentArena, agentKey } from "../support/agent-arena.ts";
import { engineProvider, isLack, testCacheFolder, testStateFolder } from "../support/engine.ts";
import type { Script } from "../support/scripted-endpoint.ts";

async function bubblewrap(): Promise<SandboxProvider | undefined> {
  try {
    return await bubblewrapSandboxes({ cacheFolder: testCacheFolder, stateFolder: testStateFolder() });
  } catch (error) {
    if (!isLack(error)) throw error;
    process.stderr.write(`[sandbox] SKIPPED: bubblewrap: ${error.message}\n`);
    return undefined;
  }
}

const providers = { docker: await engineProvider(["python"]), bubblewrap: await bubblewrap() };
const limits: SandboxLimits = { memoryMb: 512, cpus: 2, processes: 64, diskMb: 160 };
const sh = (script: string) => ["sh", "-c", script];
const python = (program: string) => ["python3", "-c", program];

const folder = mkdtempSync(join(tmpdir(), "arena-agent-files-"));
writeFileSync(join(folder, "agent.py"), "print('brought along')\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Left {
  readonly end: { readonly kind: string; readonly code?: number; readonly signal?: number };
  readonly stdout: string;
  readonly candidate: Candidate;
  readonly leftOut: Record<string, string>;
  readonly totals: { readonly requests: number; readonly refused: number };
  /** Changed paths of the answer, with a `-` in front where they are gone. */
  readonly changed: readonly string[];
}

describe.each(Object.entries(providers))("agents in %s", (name, provider) => {
  const it$ = provider === undefined ? it.skip : it;

  async function left(command: readonly string[], asking: Asking & { script?: Script } = {}): Promise<Left> {
    if (provider === undefined) throw new Error(`no ${name}`);
    const script = asking.script ?? [];
    await using arena = await agentArena({ provider, script, limits });
    return await submitted(arena, command, asking);
  }

  it$("leave what lies in their checkout, whatever they print and however they end", async () => {
    const { end, candidate, changed } = await left(
      sh(
        "echo 'fixed = 1' >> app.py; chmod +x lib/deep/a.txt; rm run.sh; mkdir new; echo x > new/file; exit 3",
      ),
    );
    expect(end).toEqual({ kind: "exited", code: 3 });
    expect(candidate.kind).toBe("applied");
    expect(changed).toEqual(["app.py", "lib/deep/a.txt", "new/file", "-run.sh"]);
  });

  it$("leave nothing of git, of tools, or of what the repository ignores", async () => {
    const script = [
      "git init -q . 2>/dev/null; printf '#!/bin/sh\\ntouch /tmp/owned\\n' > .git/hooks/post-checkout",
      "chmod +x .git/hooks/post-checkout; git config core.fsmonitor /tmp/evil",
      "mkdir -p sub/.git out __pycache__ .pytest_cache; echo x > sub/.git/config; echo x > out/a; echo x > b.log",
      "echo x > __pycache__/a.pyc; echo x > .pytest_cache/x; echo 'fixed = 1' >> app.py",
    ].join("\n");
    const { changed, leftOut } = await left(sh(script));
    expect(changed).toEqual(["app.py"]);
    expect(leftOut).toEqual({
      "b.log": "ignored by the repository",
      "out/a": "ignored by the repository",
      "__pycache__/a.pyc": "a tool's leavings",
      ".pytest_cache/x": "a tool's leavings",
    });
  });

  it$("may have a repository of one commit, and no other history", async () => {
    const { stdout } = await left(
      sh(
        "git log --format='%an %s'; git status --short; git remote; git tag; git reflog | wc -l; git rev-list --all --count",
      ),
      { over: { agent: { deadlineSeconds: 30 } } },
    );
    expect(stdout).toBe("Swing Arena Base\n1\n1\n");
  });

  it$("bring their own files along and find their task beside the checkout", async () => {
    const script =
      "python3 /deps/agent/agent.py; cat $ARENA_ISSUE; ls /deps/task; ls -a; echo $ARENA_ROLE $PWD";
    const { stdout } = await left(sh(script), { files: folder });
    expect(stdout).toContain("brought along\n");
    expect(stdout).toMatch(/issue.md\ntask.json\ntask.md\n/);
    expect(stdout).toContain("submitter /work\n");
    expect(stdout).not.toContain(".git\n");
  });

  it$("install once, with a network of preparation's, what they then run without one", async () => {
    const install = ["mkdir -p /deps/tool && echo 'echo installed' > /deps/tool/run"];
    const over = { agent: { install, git: false, deadlineSeconds: 30 } };
    expect((await left(["sh", "/deps/tool/run"], { over })).stdout).toBe("installed\n");
    const failing = { agent: { install: ["exit 7"], git: false } };
    await expect(left(["true"], { over: failing })).rejects.toMatchObject({
      isFault: true,
      code: "agent-unusable",
      message: expect.stringContaining('"exit 7"'),
    });
  });

  it$("reach no network", async () => {
    const program = `
import socket
def tried(address):
    try: socket.create_connection(address, 2).close(); return "open"
    except OSError: return "shut"
print(*[tried(a) for a in [("1.1.1.1", 80), ("example.org", 80), ("127.0.0.1", 22), ("10.0.2.2", 80), ("169.254.169.254", 80)]])`;
    const { stdout, candidate } = await left(python(program));
    expect(stdout).toBe("shut shut shut shut shut\n");
    expect(candidate).toMatchObject({ kind: "rejected", reasons: [{ code: "no-change" }] });
  });

  it$("see no key, no host file and no environment of the host's", async () => {
    process.env.ANN_KEY = agentKey;
    const secret = join(folder, "host-secret");
    writeFileSync(secret, "host secret");
    const { stdout } = await left(
      sh(
        `env; cat ${secret} /etc/shadow /proc/1/environ /root/.ssh/* 2>&1; id -u; ls -la /.arena /.arena/outlet`,
      ),
    );
    delete process.env.ANN_KEY;
    expect(stdout).not.toContain(agentKey);
    expect(stdout).not.toContain("host secret");
    expect(stdout).toContain("OPENAI_API_KEY=arena-id-1");
    expect(stdout).toMatch(/^65534$/m);
    const names = [...stdout.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names.filter((each) => each?.startsWith("npm_") || each === "SSH_AUTH_SOCK")).toEqual([]);
  });

  it$("are carried to their endpoint, and to no other, with no other model and no other token", async () => {
    const program = `
import json, os, urllib.request, urllib.error
base, key = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
def ask(url, model, key):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}).encode()
    head = {"authorization": "Bearer " + key, "content-type": "application/json"}
    try: return json.load(urllib.request.urlopen(urllib.request.Request(url, body, head)))["choices"][0]["message"]["content"]
    except urllib.error.HTTPError as error: return error.code
chat = base + "/chat/completions"
print(ask(chat, "m-1", key), ask(chat, "m-2", key), ask(base + "/files", "m-1", key), ask(chat, "m-1", "stolen"))`;
    const script: Script = [{ kind: "answer", text: "hello" }];
    const { stdout, totals } = await left(python(program), { script });
    expect(stdout).toBe("hello 400 404 401\n");
    expect(totals).toMatchObject({ requests: 1, refused: 3 });
  });

  it$("are ended at their deadline with everything they started, and what they left counts", async () => {
    const script =
      "echo 'fixed = 1' >> app.py; trap '' TERM HUP INT; (setsid sleep 1000 &); while :; do sleep 1; done";
    const { end, changed } = await left(sh(script), { over: { agent: { deadlineSeconds: 2, git: false } } });
    expect(end).toEqual({ kind: "timed-out" });
    expect(changed).toEqual(["app.py"]);
  });

  it$("hurt nobody with a fork bomb", async () => {
    const program =
      "import os\nopen('app.py','a').write('fixed = 1\\n')\nwhile True:\n  try: os.fork()\n  except OSError: pass";
    const { end, changed } = await left(python(program), {
      over: { agent: { deadlineSeconds: 3, git: false } },
    });
    expect(end).toEqual({ kind: "timed-out" });
    expect(changed).toEqual(["app.py"]);
  });

  it$("may kill their own way out, and are done then", async () => {
    const { end } = await left(sh("kill -9 $PPID; sleep 100"));
    expect(end).toEqual({ kind: "signaled", signal: 9 });
  });

  it.runIf(provider?.capabilities.limitsMemory === true)("run out of memory by themselves", async () => {
    const program =
      "open('app.py','a').write('fixed = 1\\n')\nx = []\nwhile True: x.append(bytearray(10_000_000))";
    const { end, changed } = await left(python(program));
    expect(["out-of-memory", "exited"]).toContain(end.kind);
    expect(changed).toEqual(["app.py"]);
  });

  it.runIf(provider?.capabilities.limitsDisk === true)(
    "fill their own disk, and leave too much",
    async () => {
      const { candidate } = await left(
        sh("dd if=/dev/zero of=/work/big bs=1M 2>/dev/null; echo x >> app.py; exit 0"),
        {
          over: { attempts: 1 },
        },
      );
      expect(candidate).toMatchObject({ kind: "rejected", reasons: [{ code: "too-large" }] });
    },
  );

  it$("may delete the whole checkout", async () => {
    const { end, changed } = await left(sh("cd /; rm -rf /work/* /work/.g*; ls -A /work | wc -l"));
    expect(end).toEqual({ kind: "exited", code: 0 });
    expect(changed).toEqual([
      "-.gitignore",
      "-app.py",
      "-lib/deep/a.txt",
      "-link.py",
      "-run.sh",
      "-tests/test_old.py",
    ]);
  });

  it$("may link out of it, which nobody follows", async () => {
    const { candidate, changed } = await left(
      sh(
        "ln -s /etc/passwd passwd; rm -r lib; ln -s /etc lib; rm app.py; mkfifo app.py; ln -sf /root link.py",
      ),
    );
    expect(changed).toEqual(["-app.py", "lib", "-lib/deep/a.txt", "link.py", "passwd"]);
    expect(candidate).toMatchObject({ kind: "rejected", reasons: [{ code: "protected-path" }] });
  });

  it$("cannot be read where they shut it, and are told so once more on disk", async () => {
    const script =
      "cat /deps/task/problem.txt 2>/dev/null; chmod 000 $(test -e /deps/task/problem.txt && echo app.py || echo lib)";
    if (provider === undefined) return;
    await using arena = await agentArena({ provider, limits });
    const { answer, usage } = await arena.submit(sh(script));
    expect(answer).toMatchObject({ kind: "rejected", reasons: [{ code: "unsafe-path" }] });
    expect(usage.attempts).toBe(2);
    expect(await arena.evidence("submitter", "-stdout.txt", 2)).toContain("Permission denied");
    expect(await arena.evidence("submitter", "-stdout.txt", 1)).toBe("");
  });

  it$("may use no name that is none", async () => {
    const { candidate } = await left(python("open('a\\nb','w'); open(b'caf\\xe9','w')"), {
      over: { attempts: 1 },
    });
    expect(candidate).toMatchObject({ kind: "rejected", reasons: [{ code: "unsafe-path" }] });
  });

  it$("must be there", async () => {
    await expect(left(["no-such-agent"])).rejects.toMatchObject({
      isFault: true,
      code: "agent-unusable",
      message: expect.stringContaining('expected the command "no-such-agent"'),
    });
  });

  it$("review with tests alone: what else they tried is put back", async () => {
    if (provider === undefined) return;
    await using arena = await agentArena({ provider, limits });
    const script =
      "echo 'broken' > app.py; echo 'assert 1' > tests/test_new.py; cat $ARENA_TASK; echo scratch > notes.txt";
    const { answer } = await arena.review(sh(script), { ask: { feedback: [] } });
    expect(answer).toMatchObject({ kind: "patch", bounded: true });
    const patch = answer.kind === "patch" ? answer.patch : "";
    expect([...patch.matchAll(/^\+\+\+ b\/(.*)$/gm)].map((match) => match[1])).toEqual(["tests/test_new.py"]);
    const shown = await arena.evidence("reviewer", "-stdout.txt");
    expect(shown).toContain("You are not shown it.");
    expect(shown).not.toContain("hidden_word");
    expect(JSON.parse(await arena.evidence("reviewer", ".json"))).toMatchObject({
      leftOut: { "app.py": "no test path", "notes.txt": "no test path" },
    });
  });
});

async function submitted(arena: AgentArena, command: readonly string[], asking: Asking): Promise<Left> {
  const { answer } = await arena.submit(command, asking);
  const { of } = arena.toy;
  const base = of.baseTree;
  const changes = answer.kind === "tree" ? await of.repository.changes(base, answer.tree) : [];
  const attempts = arena.store.calls().length;
  const { end, leftOut = {}, totals } = JSON.parse(await arena.evidence("submitter", ".json", attempts));
  return {
    ...{ end, leftOut, totals, candidate: await candidateOf(of, answer) },
    stdout: await arena.evidence("submitter", "-stdout.txt", attempts),
    changed: changes.map(({ path, kind }) => (kind === "deleted" ? `-${path}` : path)),
  };
}
