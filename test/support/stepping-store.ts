// A store that tells each step of its writing: what crash tests stop, copy or kill at.
import type { RunStore } from "../../src/domain/run.ts";

/** The same store; `step` is called before and after each of its methods. */
export function steppingStore(store: RunStore, step: () => void): RunStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        step();
        const result: unknown = Reflect.apply(value, target, given);
        step();
        return result;
      };
    },
  });
}
