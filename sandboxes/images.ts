// The languages' images: which names stand for them, what environment steps get in them, and how they are made.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assetFolder } from "./assets.ts";

export const languages = ["cpp", "python", "rust", "go"] as const;
export type Language = (typeof languages)[number];

export function isLanguage(image: string): image is Language {
  return languages.some((language) => language === image);
}

function dockerfile(name: Language | "base"): string {
  return readFileSync(join(assetFolder("images"), name, "Dockerfile"), "utf8");
}

function digestOf(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 12);
}

/** Tag of what every language's image is built on; changes with its Dockerfile. */
export function baseTag(): string {
  return `swing-arena/base:${digestOf(dockerfile("base"))}`;
}

/** The engine's reference for an image named in an instance: a language's own tag, or any other reference as it is. */
export function imageReference(image: string): string {
  if (!isLanguage(image)) return image;
  return `swing-arena/${image}:${digestOf(dockerfile("base"), dockerfile(image))}`;
}

/** The host's CA bundle is shown at this path in every sandbox: preparation may meet a private authority. */
export const certificateBundle = "/etc/ssl/certs/ca-certificates.crt";

/** Room of /dev/shm in every sandbox; it counts as memory. */
export const sharedMemoryBytes = 64 * 1024 * 1024;

export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** After the system's: what lies in /deps can be written by judged code and must not stand in for the system's tools. */
const depsPath = "/deps/home/.local/bin:/deps/cargo/bin:/deps/go/bin";

/** Environment of every step: offline, reproducible, and with every cache under /deps. */
export function stepEnv(path = systemPath): Record<string, string> {
  return {
    PATH: `${path}:${depsPath}`,
    HOME: "/deps/home",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    TZ: "UTC",
    CARGO_HOME: "/deps/cargo",
    CARGO_NET_OFFLINE: "true",
    CARGO_HTTP_CAINFO: certificateBundle,
    GOPATH: "/deps/go",
    GOMODCACHE: "/deps/go/pkg/mod",
    GOCACHE: "/deps/gocache",
    GOPROXY: "off",
    GOSUMDB: "off",
    GOTOOLCHAIN: "local",
    GOTELEMETRY: "off",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONHASHSEED: "0",
    PIP_NO_INDEX: "1",
    PIP_CERT: certificateBundle,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    // The system's Python is read-only anyway: this only lets pip install beside it, below HOME.
    PIP_BREAK_SYSTEM_PACKAGES: "1",
    SSL_CERT_FILE: certificateBundle,
    REQUESTS_CA_BUNDLE: certificateBundle,
    CURL_CA_BUNDLE: certificateBundle,
    GIT_SSL_CAINFO: certificateBundle,
  };
}

/** The variables of an image's own configuration with ours over them; its PATH stays in front. */
export function envOver(imageEnv: readonly string[]): Record<string, string> {
  const own = Object.fromEntries(
    imageEnv.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
  return { ...own, ...stepEnv(own.PATH) };
}
