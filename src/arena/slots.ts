// How many sandboxes may be open at once, whoever asks for them.

export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** First come, first served; a slot is free when the work has ended, however it ended. */
export function slots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
