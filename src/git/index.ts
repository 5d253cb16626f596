// The door to git: objects, diffs, applying and checking out trees.

export { blobId } from "./blob.ts";
export { type FolderRepository, repositoryOfFolder } from "./folder.ts";
export type { LoggedCommit } from "./log.ts";
export { maxChangedBytes } from "./patch.ts";
export {
  cloneHistory,
  fetchCommits,
  fetchFiles,
  isBrought,
  type Remote,
  type WantedCommits,
} from "./remote.ts";
export {
  type ApplyResult,
  Repository,
  type TreeChange,
  type TreeEntry,
  type TreeFile,
} from "./repository.ts";
export { GitFault, type GitFaultCode } from "./run.ts";
