// Every kind of engine there is, with what each takes: served ones over HTTP, local ones from their folder.
import { openCodec } from "../codec/open.ts";
import type { Engine } from "../engine.ts";
import { type EngineDeps, openEngine } from "./open.ts";
import type { EngineSpec } from "./spec.ts";

export type AnyEngineDeps = Omit<EngineDeps, "openCodec" | "openOnnx">;

/** @throws EngineFault; the signal's reason */
export function openAnyEngine(spec: EngineSpec, deps: AnyEngineDeps, signal: AbortSignal): Promise<Engine> {
  return openEngine(
    spec,
    {
      ...deps,
      openCodec,
      openOnnx: async ({ folder, device, threads }) => {
        // 300 MB of runtimes: loaded by those who have a model for it.
        const { openOnnxEngine } = await import("./onnx/open.ts");
        const engine = await openOnnxEngine({
          folder,
          device,
          ...(threads === undefined ? {} : { threads }),
        });
        if (engine.fallback !== undefined) deps.onNote?.(`${folder}: runs on the CPU: ${engine.fallback}`);
        return engine;
      },
    },
    signal,
  );
}
