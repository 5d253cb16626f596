// The one interface behind which untrusted code runs: open a sandbox, run steps in it, close it.

/** Closed list of what can go wrong on our side. Anything the judged code does is an {@link ExecResult}, never a fault. */
export type SandboxFaultCode =
  | "engine-unreachable"
  | "engine-error"
  | "engine-timeout"
  | "image-missing"
  | "image-build-failed"
  | "mount-failed"
  | "supervisor-lost"
  | "host-disk-full"
  | "unsupported";

export class SandboxFault extends Error {
  readonly isFault = true;
  readonly code: SandboxFaultCode;
  readonly retryable: boolean;

  constructor(code: SandboxFaultCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "SandboxFault";
    this.code = code;
    this.retryable = options.retryable;
  }
}

/** What an implementation promises; the contract suite tests each promise that is made. */
export interface SandboxCapabilities {
  /** Memory, cpu, process and disk limits hold against code that attacks them. */
  readonly limitsMemory: boolean;
  readonly limitsCpu: boolean;
  readonly limitsProcesses: boolean;
  readonly limitsDisk: boolean;
  /** Judged code runs under another user than the supervisor that collects its output. */
  readonly separatesUsers: boolean;
  readonly filtersSystemCalls: boolean;
  /** Images of its own; without it the host's /usr is shown read-only. */
  readonly images: boolean;
  /** Shown to people: what this class of sandbox does not protect. */
  readonly caveats: readonly string[];
}

export interface SandboxLimits {
  readonly memoryMb: number;
  readonly cpus: number;
  readonly processes: number;
  /** All bytes that may be written to the workspace and /tmp together. */
  readonly diskMb: number;
}

export const defaultLimits: SandboxLimits = { memoryMb: 4096, cpus: 2, processes: 512, diskMb: 4096 };

/**
 * A port of the sandbox's own loopback that leads to a Unix socket of the host, whatever else is shut: who listens there
 * decides what goes further. The socket's folder is shown read-only, so it holds nothing else; the judged user must be
 * able to write to the socket.
 */
export interface Outlet {
  readonly socket: string;
  readonly port: number;
}

export interface SandboxSpec {
  /** Label of the run that owns it: a start-up reaper removes what dead runs left, and only that. */
  readonly run: string;
  readonly image: string;
  /**
   * Host folders merged copy-on-write, lowest first, and shown writable at /work and /deps: each layer is a folder
   * with the sub-folders `work` and/or `deps`. Layers are never modified.
   */
  readonly layers: readonly string[];
  /**
   * `none`: loopback only. `registries`: outward, but never the host's namespace or its loopback; preparation only. An
   * outlet: loopback and, while a command runs, that one port. Its carrier is one more process of the judged user.
   */
  readonly network: "none" | "registries" | Outlet;
  readonly limits: SandboxLimits;
}

export type ExecOutcome =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number }
  /** The whole process tree was killed at the deadline. */
  | { readonly kind: "timed-out" }
  /** The kernel killed a process of this sandbox for memory while the command ran. */
  | { readonly kind: "out-of-memory" };

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes kept of each stream; what comes after is drained and counted, never held. */
  readonly maxOutputBytes: number;
  readonly stdin?: string;
}

export interface ExecResult {
  readonly outcome: ExecOutcome;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly truncated: boolean;
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Sandbox extends AsyncDisposable {
  /**
   * Runs one command as the unprivileged user. When its main process ends, or its time is up, every process of that
   * user is killed, and only then is the output closed: nothing written later can be read as a result.
   * @throws SandboxFault when the engine fails; never for anything the command did.
   */
  exec(request: ExecRequest, signal?: AbortSignal): Promise<ExecResult>;
  /** Writes as the unprivileged user; refuses to follow symbolic links. @throws SandboxFault */
  write(
    path: string,
    content: Buffer,
    options?: { executable?: boolean },
  ): Promise<{ ok: boolean; error?: string }>;
  /** Reads as the unprivileged user; `content` is absent when the file is missing, a link, or not a plain file. */
  read(path: string, maxBytes: number): Promise<{ content?: Buffer; error?: string }>;
  remove(path: string): Promise<{ ok: boolean; error?: string }>;
  /** Copies what was written since opening into a new layer folder on the host (preparation's snapshot). @throws SandboxFault */
  snapshot(layer: string): Promise<void>;
}

export interface ReapReport {
  readonly containers: number;
  readonly mounts: number;
  readonly folders: number;
}

export interface SandboxProvider {
  /** The sandbox class, shown on every board: `docker`, `bubblewrap`, `scripted`. */
  readonly name: string;
  readonly capabilities: SandboxCapabilities;
  open(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;
  /** Immutable identity of an image for the manifest. @throws SandboxFault image-missing with the command that makes it */
  imageDigest(image: string): Promise<string>;
  /** Environment every step gets in this image (PATH, HOME, CARGO_HOME, GOMODCACHE, ... under /deps). */
  imageEnv(image: string): Promise<Readonly<Record<string, string>>>;
  /** Resolves when what opens sandboxes answers. @throws SandboxFault engine-unreachable, engine-timeout when it does not */
  ping(): Promise<void>;
  /** Removes containers, mounts and folders of runs whose process is gone. Never touches a living run's. */
  reap(): Promise<ReapReport>;
}
