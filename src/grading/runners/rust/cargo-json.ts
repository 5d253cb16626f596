// Reads what cargo says about packages, built test executables and compile errors.
import { z } from "zod";

const target = z.object({
  name: z.string(),
  kind: z.array(z.string()).min(1),
  src_path: z.string(),
  test: z.boolean().default(true),
});

const metadata = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      manifest_path: z.string(),
      targets: z.array(target),
    }),
  ),
});

export type CargoTarget = z.infer<typeof target>;

export interface CargoPackage {
  readonly name: string;
  readonly version: string;
  readonly manifestPath: string;
  readonly folder: string;
  readonly targets: readonly CargoTarget[];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Packages of `cargo metadata --no-deps`; undefined when the text is none. */
export function readMetadata(stdout: string): CargoPackage[] | undefined {
  const parsed = metadata.safeParse(parsedJson(stdout));
  return parsed.data?.packages.map(({ name, version, manifest_path: manifestPath, targets }) => ({
    name,
    version,
    manifestPath,
    folder: manifestPath.slice(0, manifestPath.lastIndexOf("/")),
    targets,
  }));
}

const artifact = z.object({
  reason: z.literal("compiler-artifact"),
  manifest_path: z.string(),
  target,
  profile: z.object({ test: z.boolean() }),
  executable: z.string().nullable(),
});

const message = z.object({
  reason: z.literal("compiler-message"),
  message: z.object({ level: z.string(), rendered: z.string().nullish(), message: z.string() }),
});

export interface BuiltBinary {
  readonly manifestPath: string;
  readonly target: CargoTarget;
  readonly executable: string;
  readonly isTest: boolean;
}

export interface BuildOutput {
  readonly binaries: readonly BuiltBinary[];
  /** The first error as the compiler words it. */
  readonly firstError: string | undefined;
}

/** Reads `--message-format=json`: one document a line, and nothing of it comes from judged code at run time. */
export function readBuild(stdout: string): BuildOutput {
  const binaries: BuiltBinary[] = [];
  let firstError: string | undefined;
  for (const line of stdout.split("\n")) {
    if (!line.startsWith("{")) continue;
    const json = parsedJson(line);
    const built = artifact.safeParse(json).data;
    if (built?.executable) {
      const { manifest_path: manifestPath, target: of, profile, executable } = built;
      binaries.push({ manifestPath, target: of, executable, isTest: profile.test });
    }
    const said = message.safeParse(json).data?.message;
    if (said?.level === "error") firstError ??= (said.rendered ?? said.message).trim();
  }
  return { binaries, firstError };
}
