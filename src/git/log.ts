// How git is asked for commits with their messages, and how its answer is read.

/** A commit with what its author wrote about it. */
export interface LoggedCommit {
  readonly commit: string;
  /** The branch it was made on first. */
  readonly parents: readonly string[];
  /** A name, as the commit says it. */
  readonly author: string;
  /** Seconds since the epoch, as the commit says: anything may stand there. */
  readonly authoredAt: number;
  readonly committedAt: number;
  readonly message: string;
}

/** The clone's own configuration may not add to it: neither signatures nor notes. */
export const logWords: readonly string[] = [
  "log",
  "-z",
  "--topo-order",
  "--no-show-signature",
  "--no-notes",
  "--no-color",
  "--encoding=UTF-8",
  "--format=tformat:%H%x00%P%x00%at%x00%ct%x00%an%x00%B",
];

const fieldsOfOne = 6;

/** No message can hold the byte that ends each field. */
export function loggedCommits(output: string): LoggedCommit[] {
  const fields = output.split("\0");
  const commits: LoggedCommit[] = [];
  for (let at = 0; at + fieldsOfOne <= fields.length; at += fieldsOfOne) {
    const [commit = "", parents = "", authored, committed, author = "", message = ""] = fields.slice(
      at,
      at + fieldsOfOne,
    );
    const told = {
      author,
      authoredAt: Number(authored),
      committedAt: Number(committed),
      message: message.trim(),
    };
    commits.push({ commit, parents: parents.split(" ").filter((parent) => parent !== ""), ...told });
  }
  return commits;
}
