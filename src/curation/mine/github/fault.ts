// What fails between us and GitHub: the world's doing, never that of a repository or a pull request.
import { Fault } from "../../../domain/fault.ts";

export type GitHubFaultCode =
  /** No answer, or 5xx, after several tries. */
  | "github-unreachable"
  /** A limit that stayed although it was waited for. */
  | "github-limited"
  /** Not for this token, or not from here. */
  | "github-forbidden"
  /** An answer of another shape than GitHub publishes. */
  | "github-answer";
export class GitHubFault extends Fault<GitHubFaultCode> {}
