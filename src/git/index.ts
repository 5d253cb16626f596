// The door to git: objects, diffs, applying and checking out trees.
export { type FolderRepository, repositoryOfFolder } from "./folder.ts";
export { type ApplyResult, Repository, type TreeChange, type TreeEntry } from "./repository.ts";
export { GitFault, type GitFaultCode } from "./run.ts";
