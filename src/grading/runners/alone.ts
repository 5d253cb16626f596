// Which jobs run several tests in one process, and such a job with one of its tests alone.
import type { Job } from "../../domain/instance.ts";

/** A test that ends its process there takes those after it along: what they would have said is not known. */
export function sharesProcess({ runner }: Job): boolean {
  return runner === "go-test";
}

/**
 * The job with one test function only, named by the id of its checks (`<job>::<package>::<name>`). Undefined where the
 * test is of another job, or has a name that would not stay one word of a command.
 */
export function aloneIn(job: Job, test: string): Job | undefined {
  const name = test.slice(test.lastIndexOf("::") + 2);
  if (!test.startsWith(`${job.name}::`) || !/^\w+$/.test(name)) return undefined;
  return { ...job, run: `${job.run} -run '^${name}$'` };
}
