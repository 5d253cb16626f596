// Strengths are read as differences: which ones the rounds determine, and against whom each contestant is measured.

import { fewInstances } from "./bootstrap.ts";
import { type Design, reviewerNode } from "./design.ts";
import { addTo, at, whole } from "./linear.ts";

/** `overall` is submitter's plus reviewer's: what decides a battle with its roles swapped. */
export type Scale = "submitter" | "reviewer" | "overall";
export const allScales: readonly Scale[] = ["submitter", "reviewer", "overall"];

/** A weight for every node. */
export type NodeWeights = Float64Array;

/** Nodes that make up a contestant's strength on a scale. */
export function nodesOn(design: Design, scale: Scale, contestant: number): readonly number[] {
  if (design.roles === "one") return [contestant];
  const reviewer = reviewerNode(design, contestant);
  return scale === "submitter" ? [contestant] : scale === "reviewer" ? [reviewer] : [contestant, reviewer];
}

export function weightsOf(nodes: readonly number[], design: Design): NodeWeights {
  const weights = new Float64Array(design.nodePlace.length);
  for (const node of nodes) addTo(weights, node, 1);
  return weights;
}

/** A contrast is determined by the rounds when no shift that leaves every chance as it is changes it. */
export function isDetermined(design: Design, weights: NodeWeights): boolean {
  const sums = new Map<number, number>();
  let submitters = 0;
  weights.forEach((weight, node) => {
    const group = whole(design.comparability.group, node);
    sums.set(group, (sums.get(group) ?? 0) + weight);
    if (node < design.contestants.length) submitters += weight;
  });
  const isZero = (sum: number) => Math.abs(sum) < 1e-9;
  return [...sums.values()].every(isZero) && (design.roles === "one" || isZero(submitters));
}

/** The same contrast over the parameters. */
export function overParameters(design: Design, weights: NodeWeights): Float64Array {
  const vector = new Float64Array(design.size);
  weights.forEach((weight, node) => {
    const place = whole(design.nodePlace, node);
    if (place >= 0) addTo(vector, place, weight);
  });
  return vector;
}

export function minus(one: NodeWeights, other: NodeWeights): NodeWeights {
  return one.map((weight, node) => weight - at(other, node));
}

const isBounded = (design: Design, nodes: readonly number[]): boolean =>
  nodes.every((node) => design.comparability.separation[node] === undefined);

/** Contestants that played every role of the scale. */
function present(design: Design, scale: Scale, issues: Int32Array): number[] {
  return design.contestants
    .map((_, contestant) => contestant)
    .filter((contestant) => nodesOn(design, scale, contestant).every((node) => whole(issues, node) > 0));
}

function hasRounds({ cells, margins }: Design, cell: number): boolean {
  for (let k = 0; k < margins.length; k += 1) {
    if (at(cells.counts, cell * margins.length + k) > 0) return true;
  }
  return false;
}

/** On how many issues each node was played. */
export function issuesByNode(design: Design): Int32Array {
  const { cells, issues, nodePlace } = design;
  const counts = new Int32Array(nodePlace.length);
  const latest = new Int32Array(nodePlace.length).fill(-1);
  const count = (node: number, issue: number): void => {
    if (whole(latest, node) === issue) return;
    latest[node] = issue;
    counts[node] = whole(counts, node) + 1;
  };
  for (let issue = 0; issue < issues.length; issue += 1) {
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1) {
      if (!hasRounds(design, cell)) continue;
      count(whole(cells.submitter, cell), issue);
      count(whole(cells.reviewer, cell), issue);
    }
  }
  return counts;
}

export interface Standpoint {
  readonly contestant: number;
  /** Everyone the contestant can be compared with on this scale, itself among them. */
  readonly peers: readonly number[];
  /** The contestant's strength less the mean of those peers that have a finite one from at least ten issues (else a finite one). */
  readonly weights: NodeWeights;
}

/** Whom strengths are measured from: peers with a finite strength from enough issues, where there are such. */
function referenceOf(design: Design, scale: Scale, of: { peers: readonly number[]; issues: Int32Array }) {
  const nodes = (contestant: number) => nodesOn(design, scale, contestant);
  const bounded = of.peers.filter((peer) => isBounded(design, nodes(peer)));
  const steady = bounded.filter((peer) =>
    nodes(peer).every((node) => whole(of.issues, node) >= fewInstances),
  );
  return [steady, bounded].find((some) => some.length > 0) ?? of.peers;
}

function standpoint(
  design: Design,
  scale: Scale,
  of: { contestant: number; peers: readonly number[]; issues: Int32Array },
): Standpoint {
  const { contestant, peers } = of;
  const reference = referenceOf(design, scale, of);
  const weights = weightsOf(nodesOn(design, scale, contestant), design);
  for (const peer of reference) {
    for (const node of nodesOn(design, scale, peer)) addTo(weights, node, -1 / reference.length);
  }
  return { contestant, peers, weights };
}

/** One for each contestant that can be compared with somebody on the scale. */
export function standpoints(design: Design, scale: Scale): readonly Standpoint[] {
  const issues = issuesByNode(design);
  const all = present(design, scale, issues);
  const of = (contestant: number) => weightsOf(nodesOn(design, scale, contestant), design);
  return all.flatMap((contestant) => {
    const peers = all.filter((peer) => isDetermined(design, minus(of(contestant), of(peer))));
    return peers.length < 2 ? [] : [standpoint(design, scale, { contestant, peers, issues })];
  });
}
