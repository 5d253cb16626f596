// Every call is on record before its answer is used, so that a crash loses no answer that was paid for.
import type { Attempt, AttemptHook, Completion, Model, Prompt, Spend } from "./model.ts";
import { ModelFault } from "./model.ts";

export interface CallStart {
  /** The contestant's id. */
  readonly contestant: string;
  readonly prompt: Prompt;
  /** What a call that never finishes is charged after a crash. */
  readonly worstCase: Spend;
}

/**
 * Implemented over the store; each method returns only when its row is durable, and throws a fault of the store.
 * `begin` is called right before the first request leaves, so a call that only queued is never charged.
 */
export interface CallRecorder {
  begin(call: CallStart): number;
  /** A request of the call ended: recorded so, what earlier tries cost survives a crash during a later one. */
  attempted?(callId: number, attempt: Attempt): void;
  finish(callId: number, result: Completion | ModelFault): void | Promise<void>;
}

/** The same model, every call of it recorded. A call that fails before any request leaves no trace. */
export function recordedModel(model: Model, recorder: CallRecorder): Model {
  return {
    id: model.id,
    takes: model.takes,
    worstCase: (prompt) => model.worstCase(prompt),
    generate: (prompt, signal, hook) => recordedCall({ model, recorder, prompt, signal, outer: hook }),
  };
}

interface RecordedCall {
  readonly model: Model;
  readonly recorder: CallRecorder;
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
  readonly outer: AttemptHook | undefined;
}

async function recordedCall({ model, recorder, prompt, signal, outer }: RecordedCall): Promise<Completion> {
  let callId: number | undefined;
  const begin = (): number => {
    callId ??= recorder.begin({ contestant: model.id, prompt, worstCase: model.worstCase(prompt) });
    return callId;
  };
  const hook: AttemptHook = {
    started: () => {
      begin();
      outer?.started();
    },
    ended: (attempt) => {
      recorder.attempted?.(begin(), attempt);
      outer?.ended(attempt);
    },
  };
  try {
    const completion = await model.generate(prompt, signal, hook);
    await recorder.finish(begin(), completion);
    return completion;
  } catch (error) {
    if (error instanceof ModelFault && callId !== undefined) await recorder.finish(callId, error);
    throw error;
  }
}
