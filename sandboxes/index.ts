// The door of the sandboxes: open one, run untrusted code in it, close it; and what the machine needs for that.
export { type BubblewrapOptions, bubblewrapSandboxes } from "./bubblewrap.ts";
export { type DockerOptions, dockerSandboxes } from "./docker.ts";
export { diagnose, ensureTools, type Finding } from "./doctor.ts";
export { type Engine, type EngineOptions, ensureEngine, findEngine, stopPrivateEngine } from "./engine.ts";
export { ensureImages, type ImageOptions, missingImages } from "./image-build.ts";
export { certificateBundle, imageReference, isLanguage, type Language, languages } from "./images.ts";
export { scratchFolder } from "./scratch.ts";
export {
  type ScriptedAnswer,
  type ScriptedHandler,
  type ScriptedProvider,
  scriptedSandboxes,
} from "./scripted.ts";
export { ensureSupervisor } from "./supervisor.ts";
export { type ToolchainSearch, toolchains } from "./toolchains.ts";
export * from "./types.ts";
