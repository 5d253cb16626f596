// Host programs this folder needs (mount, mkfs, cc, apt-get): always by argument vector, always with a deadline.
import { spawn } from "node:child_process";

export interface ToolResult {
  /** Exit code; 128 + signal number when it was killed; 127 when the program is missing. */
  readonly code: number;
  /** Last 20,000 characters of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Every line of either stream, as it comes. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const keptCharacters = 20_000;

/** What host tools get instead of our own environment: they must not follow a user's locale or settings. */
export const toolEnv: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  HOME: "/root",
};

function keeper(onLine: ((line: string) => void) | undefined): { add(chunk: string): void; text(): string } {
  let text = "";
  let line = "";
  return {
    add(chunk) {
      text = (text + chunk).slice(-keptCharacters);
      if (onLine === undefined) return;
      const lines = (line + chunk).split(/[\r\n]+/);
      line = lines.pop() ?? "";
      for (const whole of lines) if (whole !== "") onLine(whole);
    },
    text: () => text,
  };
}

/** Runs a host program to its end. Never throws for what the program does; a missing one is code 127. */
export function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  const [program = "", ...rest] = argv;
  const { timeoutMs = 60_000, env = toolEnv, cwd = "/", onLine, signal } = options;
  return new Promise((resolve) => {
    const out = keeper(onLine);
    const err = keeper(onLine);
    const child = spawn(program, rest, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C in a terminal reaches every process of the foreground: what is under way must not be ended by it.
      detached: true,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
    });
    child.stdout.setEncoding("utf8").on("data", out.add);
    child.stderr.setEncoding("utf8").on("data", err.add);
    child.on("error", (error) => resolve({ code: 127, stdout: out.text(), stderr: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 137, stdout: out.text(), stderr: err.text() }));
  });
}

/** The last lines of what a tool said, for messages. */
export function lastWords(result: ToolResult): string {
  const said = result.stderr.trim() === "" ? result.stdout : result.stderr;
  return said.trim().split("\n").slice(-5).join("\n").slice(-1000) || `exit code ${result.code}`;
}

/** Where a program is on the host's usual path, or undefined. */
export async function whichTool(program: string): Promise<string | undefined> {
  const found = await runTool(["sh", "-c", 'command -v -- "$1"', "sh", program]);
  return found.code === 0 ? found.stdout.trim() : undefined;
}
