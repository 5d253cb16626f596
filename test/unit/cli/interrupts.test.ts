// Presses of Ctrl-C: gracefully where a command can, then cut off, then the exit; a service manager's signal cuts off.
import { describe, expect, it } from "vitest";
import { Interrupts } from "../../../src/cli/interrupts.ts";

describe("interrupts", () => {
  it("cut a command off that has nothing better, and leave at the next", () => {
    const interrupts = new Interrupts();
    expect([interrupts.press(), interrupts.signal.aborted, interrupts.press()]).toEqual([
      "cut-off",
      true,
      "exit",
    ]);
  });

  it("let a command finish first, once", () => {
    const interrupts = new Interrupts();
    let finishes = 0;
    interrupts.gracefully(() => {
      finishes += 1;
    });
    expect([interrupts.press(), interrupts.signal.aborted]).toEqual(["finishing", false]);
    expect([interrupts.press(), interrupts.press(), finishes]).toEqual(["cut-off", "exit", 1]);
  });

  it("cut off what is no longer able to finish, and at once where nobody waits", () => {
    const over = new Interrupts();
    over.gracefully(() => {})();
    expect(over.press()).toBe("cut-off");
    const managed = new Interrupts();
    managed.gracefully(() => {
      throw new Error("was asked to finish");
    });
    expect([managed.cutOff(), managed.cutOff()]).toEqual(["cut-off", "exit"]);
  });
});
