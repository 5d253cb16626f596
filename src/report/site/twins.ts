// Twins: the same contestant shown different things of the source, so that its skill is told from the retriever's.
import { seededRandom } from "../../domain/random.ts";
import type { RetrievalMode, RoundRow } from "../../domain/run.ts";
import { Bootstrap } from "../../rating/index.ts";
import { type PairedMetric, pairedMetrics } from "../paired-metrics.ts";
import { percent } from "../text.ts";
import { type Html, html } from "./html.ts";

const compared = ["resolvedRate", "winRateStrict", "submitterGoldRecall"] as const;
const names: Readonly<Record<string, string>> = {
  resolvedRate: "resolved",
  winRateStrict: "win, strict",
  submitterGoldRecall: "gold files shown",
};

/** `model@bm25` is a twin of `model`; any other @ belongs to the name. */
const baseOf = (id: string): string => id.replace(/@(full|bm25|none|oracle)$/, "");

interface Twins {
  readonly base: string;
  readonly modes: readonly RetrievalMode[];
  /** Rounds it submitted in, under the name of the mode. */
  readonly rows: readonly RoundRow[];
}

function twinsIn(rows: readonly RoundRow[]): Twins[] {
  const byBase = new Map<string, RoundRow[]>();
  for (const row of rows) {
    if (row.submitterContext === undefined) continue;
    const base = baseOf(row.submitter);
    const own = byBase.get(base);
    const named = { ...row, submitter: row.submitterContext.mode };
    if (own === undefined) byBase.set(base, [named]);
    else own.push(named);
  }
  return [...byBase].flatMap(([base, own]) => {
    const modes = [...new Set(own.flatMap((row) => row.submitterContext?.mode ?? []))].sort();
    return modes.length < 2 ? [] : [{ base, modes, rows: own }];
  });
}

function differenceText({ difference: value, low, high }: PairedMetric): string {
  const of = (part: number) => `${part > 0 ? "+" : part < 0 ? "−" : ""}${percent(Math.abs(part))}`;
  return `${of(value)} [${of(low)}, ${of(high)}]`;
}

function rowsOf({ base, rows }: Twins): Html[] {
  const random = seededRandom("twins");
  const bootstrap = new Bootstrap({ random });
  return pairedMetrics(rows, { metrics: compared, bootstrap, random }).map(
    (pair) =>
      html`<tr><th scope="row" class="name">${base}</th><td>${pair.one} less ${pair.other}</td><td>${names[pair.metric] ?? pair.metric}</td><td class="number">${differenceText(pair)}</td><td class="number">${pair.n}</td><td class="number">${pair.adjustedP < 0.001 ? "<0.001" : pair.adjustedP.toFixed(3)}</td></tr>
`,
  );
}

/** Paired differences on the issues that both twins played; undefined where nobody has a twin. */
export function twinsHtml(rows: readonly RoundRow[]): Html | undefined {
  const found = twinsIn(rows).flatMap(rowsOf);
  if (found.length === 0) return undefined;
  return html`<p>The same contestant, shown different things of the source, on the issues it met with both. A difference that retrieval makes is not the model's.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Retrieval twins"><table class="board"><thead><tr><th scope="col">contestant</th><th scope="col">retrieval</th><th scope="col">metric</th><th scope="col" class="number">difference</th><th scope="col" class="number">issues</th><th scope="col" class="number">p, Holm</th></tr></thead><tbody>
${found}</tbody></table></div>`;
}
