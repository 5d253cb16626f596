// Which strengths the rounds can compare at all, and which of them the rounds leave without an upper or a lower end.

/** Between a submitter's node and a reviewer's: whether some round fell short of the best, or of the worst, outcome. */
export interface Meeting {
  readonly submitter: number;
  readonly reviewer: number;
  readonly isAlwaysBest: boolean;
  readonly isAlwaysWorst: boolean;
}

/** `above`: nothing bounds the strength from above (every comparison won); `open`: nothing at all bounds it. */
export type Separation = "above" | "below" | "open";

export interface Comparability {
  /** Group of each node; nodes of different groups were never compared, directly or through others. */
  readonly group: Int32Array;
  /** Undefined where the data give the strength a finite figure. */
  readonly separation: readonly (Separation | undefined)[];
}

/** Transitive closure (Warshall 1962) over a few dozen nodes. */
function closure(reach: Uint8Array, size: number): void {
  for (let k = 0; k < size; k += 1) {
    for (let i = 0; i < size; i += 1) {
      if (reach[i * size + k] === 0) continue;
      for (let j = 0; j < size; j += 1) {
        if (reach[k * size + j] === 1) reach[i * size + j] = 1;
      }
    }
  }
}

function reachability(size: number, edges: readonly (readonly [number, number])[]): Uint8Array {
  const reach = new Uint8Array(size * size);
  for (let i = 0; i < size; i += 1) reach[i * size + i] = 1;
  for (const [from, to] of edges) reach[from * size + to] = 1;
  closure(reach, size);
  return reach;
}

/** The largest set of nodes of one group that bound each other both ways; of equals the one with the first node. */
function coreOf(members: readonly number[], reach: Uint8Array, size: number): number {
  let [core, most] = [members[0] ?? 0, 0];
  for (const node of members) {
    const mutual = members.filter(
      (other) => reach[node * size + other] === 1 && reach[other * size + node] === 1,
    );
    if (mutual.length > most) [core, most] = [node, mutual.length];
  }
  return core;
}

function separationOf(node: number, core: number, reach: Uint8Array): Separation | undefined {
  const size = Math.round(Math.sqrt(reach.length));
  const isAtLeastCore = reach[core * size + node] === 1;
  const isAtMostCore = reach[node * size + core] === 1;
  if (isAtLeastCore && isAtMostCore) return undefined;
  return isAtLeastCore ? "above" : isAtMostCore ? "below" : "open";
}

/**
 * A maximum of the likelihood exists where no direction leaves every outcome at least as likely: Ford's condition (1957,
 * "Solution of a Ranking Problem from Binary Comparisons") with a node for each role. A round short of the best outcome
 * says that raising the submitter alone must be paid for, an edge submitter -> reviewer; one short of the worst says the
 * same of the reviewer. Nodes that reach each other have finite differences; nodes without any path have none.
 */
export function comparabilityOf(size: number, meetings: readonly Meeting[]): Comparability {
  const links = meetings.map(({ submitter, reviewer }) => [submitter, reviewer] as const);
  const linked = reachability(size, [...links, ...links.map(([a, b]) => [b, a] as const)]);
  const bounds = meetings.flatMap(({ submitter, reviewer, isAlwaysBest, isAlwaysWorst }) => [
    ...(isAlwaysBest ? [] : [[submitter, reviewer] as const]),
    ...(isAlwaysWorst ? [] : [[reviewer, submitter] as const]),
  ]);
  const reach = reachability(size, bounds);
  const nodes = Array.from({ length: size }, (_, node) => node);
  const group = Int32Array.from(nodes, (node) =>
    nodes.findIndex((other) => linked[node * size + other] === 1),
  );
  const core = new Map<number, number>();
  for (const head of new Set(group)) {
    const members = nodes.filter((node) => group[node] === head);
    core.set(head, coreOf(members, reach, size));
  }
  const separation = nodes.map((node) => separationOf(node, core.get(group[node] ?? node) ?? node, reach));
  return { group, separation };
}
