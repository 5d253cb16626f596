// What was opened for a piece of work is closed where the work fails; where it does not, it is the result's to close.

/** Gives what `work` gives; where that fails, `close` is called before the failure goes on. */
export async function orClosed<T>(close: () => unknown, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await close();
    throw error;
  }
}
