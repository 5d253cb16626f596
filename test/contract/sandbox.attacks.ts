// Every limit a sandbox declares, proved by code that attacks it; the sandbox must still work afterwards.
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import {
  openSandbox,
  processesLeft,
  python,
  run,
  type SandboxUnderTest,
  shell,
  smallLimits,
  text,
} from "../support/sandbox-case.ts";

export function sandboxAttacks(under: SandboxUnderTest): void {
  describe("identity", () => identityCases(under));
  describe("time and processes", () => processCases(under));
  describe("memory, disk and output", () => resourceCases(under));
  describe("network", () => networkCases(under));
}

function identityCases(under: SandboxUnderTest): void {
  const { separatesUsers, filtersSystemCalls } = under.provider.capabilities;

  it("has no capability, no way to new privileges and a system call filter", async () => {
    await using sandbox = await openSandbox(under);
    const status = text(await shell(sandbox, "cat /proc/self/status"));
    for (const name of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect(status).toMatch(new RegExp(`^${name}:\\s*0+$`, "m"));
    }
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    if (filtersSystemCalls) expect(status).toMatch(/^Seccomp:\s*2$/m);
  });

  it.runIf(separatesUsers)("is nobody, in no other group", async () => {
    await using sandbox = await openSandbox(under);
    const status = text(await shell(sandbox, "cat /proc/self/status"));
    expect(status).toMatch(/^Uid:\s*65534\s+65534\s+65534\s+65534$/m);
    expect(status).toMatch(/^Gid:\s*65534\s+65534\s+65534\s+65534$/m);
    expect(status).toMatch(/^Groups:\s*$/m);
  });

  it("holds no descriptor but its three streams", async () => {
    await using sandbox = await openSandbox(under);
    const program = "import os\nprint([fd for fd in range(1024) if os.path.exists(f'/proc/self/fd/{fd}')])";
    expect(text(await python(sandbox, program))).toBe("[0, 1, 2]\n");
  });

  it("can open its streams by name", async () => {
    await using sandbox = await openSandbox(under);
    const result = await shell(sandbox, "echo out > /dev/stdout; echo err > /dev/stderr; cat /dev/stdin", {
      stdin: "in",
    });
    expect(text(result)).toBe("out\nin");
    expect(result.stderr.toString("utf8")).toBe("err\n");
  });

  it("cannot reach its supervisor", async () => {
    await using sandbox = await openSandbox(under);
    const program = `
import ctypes, os
def tried(what, do):
    try: do(); print(what, "worked")
    except OSError as error: print(what, "refused")
tried("list", lambda: os.listdir("/proc/1/fd"))
for name in ("fd/0", "fd/1", "mem", "environ", "maps", "root", "cwd", "exe"):
    tried(name, lambda: os.open("/proc/1/" + name, os.O_RDWR if name in ("fd/1", "mem") else os.O_RDONLY))
tried("signal", lambda: os.kill(1, 9))
libc = ctypes.CDLL(None, use_errno=True)
print("trace", "worked" if libc.ptrace(16, 1, None, None) == 0 else "refused")
`;
    const said = text(await python(sandbox, program));
    expect(said.trim().split("\n")).toHaveLength(11);
    expect(said).not.toContain("worked");
    await shell(sandbox, "kill -9 1; kill -TERM 1; kill -STOP 1; kill -9 -1");
    expect((await run(sandbox, ["true"])).outcome).toEqual({ kind: "exited", code: 0 });
  });

  it("cannot make namespaces, mounts or use calls no test needs", async () => {
    await using sandbox = await openSandbox(under);
    const program = `
import ctypes, errno, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    answer = libc.syscall(*arguments)
    print(name, "worked" if answer >= 0 else errno.errorcode[ctypes.get_errno()])
x86 = platform.machine() == "x86_64"
call("unshare-user", 272 if x86 else 97, 0x10000000)
call("io_uring", 425, 8, ctypes.create_string_buffer(200))
call("userfaultfd", 323 if x86 else 282, 0)
call("bpf", 321 if x86 else 280, 0, 0, 0)
call("mount", 165 if x86 else 40, b"none", b"/tmp", b"tmpfs", 0, 0)
call("chroot", 161 if x86 else 51, b"/tmp")
`;
    const said = text(await python(sandbox, program))
      .trim()
      .split("\n");
    expect(said).toHaveLength(6);
    expect(said.join("\n")).not.toContain("worked");
    expect(said[1]).toBe("io_uring ENOSYS");
  });

  it("sees a read-only system", async () => {
    await using sandbox = await openSandbox(under);
    const folders = "/ /usr /usr/bin /etc /.arena /dev /sys /proc /proc/sys /var /root /home /run /opt";
    const result = await shell(
      sandbox,
      `for f in ${folders}; do touch $f/x 2>/dev/null && echo $f; done; true`,
    );
    expect(text(result)).toBe("");
  });
}

function processCases(under: SandboxUnderTest): void {
  it("ends an endless loop with everything it started", async () => {
    await using sandbox = await openSandbox(under);
    const script = "sleep 600 & setsid sleep 600 & while :; do :; done";
    const result = await shell(sandbox, script, { timeoutMs: 1_000 });
    expect(result.outcome).toEqual({ kind: "timed-out" });
    expect(await processesLeft(sandbox)).toEqual([]);
  });

  it("ends what ignores every signal it may ignore", async () => {
    await using sandbox = await openSandbox(under);
    const script = "trap '' TERM INT HUP QUIT; echo started; while :; do sleep 1; done";
    const result = await shell(sandbox, script, { timeoutMs: 1_000 });
    expect(result.outcome).toEqual({ kind: "timed-out" });
    expect(text(result)).toBe("started\n");
  });

  it("reads nothing written after the main process has ended", async () => {
    await using sandbox = await openSandbox(under);
    const daemon =
      "import os, time\nos.setsid()\ntime.sleep(0.3)\nwhile True: os.write(1, b'FORGED'); open('/work/report', 'a').write('FORGED')";
    const result = await python(
      sandbox,
      `import os\nif os.fork() == 0:\n  if os.fork() == 0:\n    exec(${JSON.stringify(daemon)})\n  os._exit(0)\nos.write(1, b'honest')`,
    );
    expect(result.outcome).toEqual({ kind: "exited", code: 0 });
    expect(text(result)).toBe("honest");
    expect(await processesLeft(sandbox)).toEqual([]);
    expect((await sandbox.read("/work/report", 1000)).content).toBeUndefined();
  });

  it("keeps its deadline when its own output is read from under it", async () => {
    await using sandbox = await openSandbox(under);
    const thief =
      "import os\nfd = os.open('/proc/self/fd/1', os.O_RDONLY)\nwhile True: os.write(1, b'x' * 4096); os.read(fd, 4096)";
    expect((await python(sandbox, thief, { timeoutMs: 1_000 })).outcome).toEqual({ kind: "timed-out" });
    expect((await run(sandbox, ["true"])).outcome).toEqual({ kind: "exited", code: 0 });
  });

  it.runIf(under.provider.capabilities.limitsProcesses)(
    "survives a fork bomb and bounds processes",
    async () => {
      await using sandbox = await openSandbox(under, { limits: smallLimits });
      const counting = `
import os
made = 0
try:
    while made < 1000:
        if os.fork() == 0:
            while True: os.read(os.pipe()[0], 1)
        made += 1
except OSError as error: pass
print(made)`;
      const made = Number(text(await python(sandbox, counting)));
      expect(made).toBeGreaterThan(10);
      expect(made).toBeLessThan(smallLimits.processes);
      const bomb = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass";
      expect((await python(sandbox, bomb, { timeoutMs: 2_000 })).outcome).toEqual({ kind: "timed-out" });
      expect(await processesLeft(sandbox)).toEqual([]);
    },
  );

  it.runIf(under.provider.capabilities.limitsCpu)("bounds processor time", async () => {
    await using sandbox = await openSandbox(under, { limits: { ...smallLimits, cpus: 0.5 } });
    const result = await shell(sandbox, "while :; do :; done & while :; do :; done", { timeoutMs: 3_000 });
    // Half a processor, and a generous margin for the period it is accounted in.
    expect(result.cpuMs).toBeLessThan(0.8 * result.wallMs);
  });

  it("ends at once when it is aborted, and only then lets go", async () => {
    const sandbox = await openSandbox(under);
    const abort = new AbortController();
    const reason = new Error("the user has had enough");
    const running = shell(sandbox, "sleep 600", { signal: abort.signal });
    setTimeout(() => abort.abort(reason), 200);
    await expect(running).rejects.toBe(reason);
    await sandbox[Symbol.asyncDispose]();
  });
}

function resourceCases(under: SandboxUnderTest): void {
  const { limitsMemory, limitsDisk } = under.provider.capabilities;
  const hog = "python3 -c 'x = bytearray(1 << 30)'";

  it.runIf(limitsMemory)("tells running out of memory from any other death", async () => {
    await using sandbox = await openSandbox(under, { limits: smallLimits });
    expect((await python(sandbox, "x = bytearray(1 << 30)")).outcome).toEqual({ kind: "out-of-memory" });
    expect((await shell(sandbox, `${hog}; exit 5`)).outcome).toEqual({ kind: "out-of-memory" });
    expect((await shell(sandbox, `${hog}; exit 0`)).outcome).toEqual({ kind: "exited", code: 0 });
    expect((await shell(sandbox, "kill -9 $$")).outcome).toEqual({ kind: "signaled", signal: 9 });
    expect((await shell(sandbox, "exit 137")).outcome).toEqual({ kind: "exited", code: 137 });
  });

  it.runIf(limitsMemory)(
    "calls it the judged code's doing when memory runs out without a large process",
    async () => {
      await using sandbox = await openSandbox(under, { limits: { ...smallLimits, memoryMb: 48 } });
      const filler = `
import os
try: open('/proc/self/oom_score_adj', 'w').write('0')
except OSError: pass
os.chdir('/dev/shm')
for i in range(64): open(str(i), 'wb').write(b'x' * (1 << 20))
raise SystemExit(3)`;
      const { outcome } = await python(sandbox, filler);
      expect(outcome).toEqual({ kind: "out-of-memory" });
    },
  );

  it.runIf(limitsDisk)("bounds what is written to /work, /deps and /tmp together", async () => {
    await using sandbox = await openSandbox(under, { limits: smallLimits });
    const fill =
      "for f in /work/a /deps/b /tmp/c; do dd if=/dev/zero of=$f bs=1M count=200 status=none; done";
    const result = await shell(sandbox, `${fill}; stat -c %s /work/a /deps/b /tmp/c`);
    expect(result.stderr.toString("utf8")).toContain("No space left on device");
    const written = text(result).trim().split("\n").map(Number);
    const total = written.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan((smallLimits.diskMb / 2) * 1024 * 1024);
    expect(total).toBeLessThanOrEqual(smallLimits.diskMb * 1024 * 1024);
    expect((await sandbox.write("/work/more", Buffer.alloc(1_000_000))).error).toContain("No space left");
    expect((await run(sandbox, ["true"])).outcome).toEqual({ kind: "exited", code: 0 });
  });

  it("lets a gigabyte of output pass without keeping it", async () => {
    await using sandbox = await openSandbox(under);
    global.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    const result = await shell(sandbox, "head -c 1073741824 /dev/zero; head -c 1000 /dev/zero >&2", {
      maxOutputBytes: 1_000_000,
      timeoutMs: 120_000,
    });
    clearInterval(watch);
    expect(result).toMatchObject({ stdoutBytes: 1_073_741_824, stderrBytes: 1000, truncated: true });
    expect(result.stdout.length).toBe(1_000_000);
    expect(most - before).toBeLessThan(100_000_000);
  });

  it("leaves no core file", async () => {
    await using sandbox = await openSandbox(under);
    await shell(sandbox, "ulimit -c unlimited; kill -SEGV $$");
    expect(text(await shell(sandbox, "ulimit -Hc; ls"))).toBe("0\n");
  });
}

/** A listener on every address of this machine, and where it is. */
async function hostListener(): Promise<
  AsyncDisposable & { readonly port: number; readonly addresses: string[] }
> {
  const server = createServer((socket) => socket.on("error", () => undefined).end("host"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter((entry) => entry.family === "IPv4").map((entry) => entry.address);
  return {
    port,
    addresses,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function reachable(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });
}

function probe(addresses: readonly string[], port: number): string {
  return `
import socket
for address in ${JSON.stringify(addresses)}:
    s = socket.socket(); s.settimeout(3)
    try: s.connect((address, ${port})); print(address, "reached", s.recv(10))
    except OSError as error: print(address, "refused")`;
}

function networkCases(under: SandboxUnderTest): void {
  it("reaches nothing, the host least of all", async () => {
    await using listener = await hostListener();
    expect(await reachable("127.0.0.1", listener.port)).toBe(true);
    await using sandbox = await openSandbox(under);
    const said = text(await python(sandbox, probe([...listener.addresses, "1.1.1.1"], listener.port)));
    expect(said).toContain("127.0.0.1 refused");
    expect(said).not.toContain("reached");
    expect(text(await shell(sandbox, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"))).toBe("lo\n");
  });

  it("has a loopback of its own", async () => {
    await using sandbox = await openSandbox(under);
    const program = `
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(("localhost", server.getsockname()[1]))
print("connected")`;
    expect(text(await python(sandbox, program))).toBe("connected\n");
  });

  it("reaches out in preparation, but never the host", async ({ skip }) => {
    await using listener = await hostListener();
    const opened = await openSandbox(under, { network: "registries" }).catch((error: Error) => error);
    if (opened instanceof Error) return skip(`no outward network here: ${opened.message}`);
    await using sandbox = opened;
    const said = text(await python(sandbox, probe([...listener.addresses, "10.0.2.2"], listener.port)));
    expect(said).toContain("127.0.0.1 refused");
    expect(said).not.toContain("reached");
  });
}
