// What well-known actions come to in an image that is there already; every other action is refused by its name.
import type { Language } from "../../../domain/instance.ts";
import { asText, type Mapping } from "./expressions.ts";
import { Unsupported } from "./unsupported.ts";

/** Of a pull request: no branch, so that what is done on branches alone is left aside. */
export const mergeRef = "refs/pull/0/merge";

/** `command`: what the action runs; `note`: what is left out or differs, for a person. */
export interface ActionUse {
  readonly command?: string;
  readonly note?: string;
}

/** Actions that put a toolchain there, by the images that have it. */
const toolchains: Readonly<Record<string, { readonly of: readonly Language[]; readonly version: string }>> = {
  "actions/setup-go": { of: ["go"], version: "go-version" },
  "actions/setup-python": { of: ["python", "cpp"], version: "python-version" },
  "dtolnay/rust-toolchain": { of: ["rust"], version: "toolchain" },
  "actions-rs/toolchain": { of: ["rust"], version: "toolchain" },
  "actions-rust-lang/setup-rust-toolchain": { of: ["rust"], version: "toolchain" },
  "moonrepo/setup-rust": { of: ["rust"], version: "channel" },
  "lukka/get-cmake": { of: ["cpp"], version: "cmakeVersion" },
  "jwlawson/actions-setup-cmake": { of: ["cpp"], version: "cmake-version" },
  "seanmiddleditch/gha-setup-ninja": { of: ["cpp"], version: "version" },
  "ashutoshvarma/setup-ninja": { of: ["cpp"], version: "version" },
};

/** They keep what a run fetched or built for the next one. */
const caches: ReadonlySet<string> = new Set([
  "actions/cache",
  "actions/cache/restore",
  "actions/cache/save",
  "Swatinem/rust-cache",
  "hendrikmuhs/ccache-action",
]);

/** They tell others how a run ended, and decide nothing of it. */
const reporters: ReadonlySet<string> = new Set([
  "codecov/codecov-action",
  "coverallsapp/github-action",
  "actions/upload-artifact",
  "step-security/harden-runner",
]);

function toolchainUse(name: string, version: string, inputs: Mapping, ref: string): ActionUse {
  const wanted = asText(inputs[version] ?? "") || (name === "dtolnay/rust-toolchain" ? ref : "");
  return wanted === "" ? {} : { note: `${name} wants ${wanted}: the image's own version is used` };
}

function checkoutUse(inputs: Mapping): ActionUse {
  for (const key of ["repository", "path", "ref"]) {
    if (!["", mergeRef].includes(asText(inputs[key] ?? "")))
      throw new Unsupported(`actions/checkout with ${key}`);
  }
  const submodules = asText(inputs.submodules ?? "");
  if (submodules !== "" && submodules !== "false") throw new Unsupported("actions/checkout with submodules");
  return {};
}

function cargoUse(inputs: Mapping): ActionUse {
  const toolchain = asText(inputs.toolchain ?? "");
  const command = `cargo ${asText(inputs.command ?? "")} ${asText(inputs.args ?? "")}`.trim();
  if (asText(inputs["use-cross"] ?? "") === "true") throw new Unsupported("actions-rs/cargo with use-cross");
  return toolchain === ""
    ? { command }
    : { command, note: `actions-rs/cargo wants ${toolchain}: the image's own version is used` };
}

/**
 * @param inputs asked for only where they matter: those of a cache may name what nobody knows here
 * @throws Unsupported naming the action
 */
export function actionUse(uses: string, language: Language, inputs: () => Mapping): ActionUse {
  const at = uses.indexOf("@");
  const [name, ref] = at === -1 ? [uses, ""] : [uses.slice(0, at), uses.slice(at + 1)];
  if (name === "actions/checkout") return checkoutUse(inputs());
  if (name === "actions-rs/cargo") return cargoUse(inputs());
  if (caches.has(name)) return {};
  if (reporters.has(name)) return { note: `${name} is left out: it decides nothing` };
  const toolchain = Object.hasOwn(toolchains, name) ? toolchains[name] : undefined;
  if (toolchain === undefined) throw new Unsupported(`the action ${uses}`);
  if (!toolchain.of.includes(language))
    throw new Unsupported(`the action ${uses}: the ${language} image has no such tool`);
  return toolchainUse(name, toolchain.version, inputs(), ref);
}
