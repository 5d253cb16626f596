// What keeps an agent from being run at all: its set-up's doing or this machine's, and never the agent's own.
import { Fault } from "../../domain/fault.ts";

export type AgentFaultCode =
  /** Its command, its files, its image or what it installs: every further run would end likewise. */
  | "agent-unusable"
  /** Its sandbox could not be made ready, or what it left could not be looked at, and not because of it. */
  | "agent-sandbox";

export class AgentFault extends Fault<AgentFaultCode> {}

export const lostSandbox = (message: string): AgentFault =>
  new AgentFault("agent-sandbox", `an agent's sandbox could not be used: ${message}`, { retryable: true });

export const unusableAgent = (message: string, cause?: unknown): AgentFault =>
  new AgentFault("agent-unusable", message, { retryable: false, cause });
