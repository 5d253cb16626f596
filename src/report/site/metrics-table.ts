// Every metric of every contestant, with what it counts: for whoever wants more than the ranking has room for.
import type { Estimate } from "../../rating/index.ts";
import type { Board } from "../board.ts";
import { absent, percent } from "../text.ts";
import { type Html, html } from "./html.ts";
import { grouped, signed } from "./numbers.ts";

/** Rates are shares, scores have a sign, everything else is an amount. */
function shown(name: string, { value, low, high }: Estimate): string {
  const of = /^score|Score/.test(name)
    ? signed
    : low >= 0 && high <= 1 && !/(Usd|Seconds|Tokens|Attempts)/.test(name)
      ? percent
      : amount;
  return `${of(value)} [${of(low)}, ${of(high)}]`;
}

function amount(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 100 ? grouped(value) : value.toPrecision(3);
}

/** One row a metric; metrics that nobody has are left out. */
export function metricsHtml({ contestants, glossary }: Board): Html {
  const names = Object.keys(glossary).filter((name) =>
    contestants.some(({ metrics }) => metrics[name] !== undefined),
  );
  const rows = names.map((name) => {
    const { role, what } = glossary[name] ?? { role: "both", what: "" };
    const cells = contestants.map(({ metrics }) => {
      const estimate = metrics[name];
      return html`<td class="number">${estimate === undefined ? absent : shown(name, estimate)}</td>`;
    });
    return html`<tr><th scope="row">${name}<br><small class="quiet">${role}: ${what}</small></th>${cells}</tr>
`;
  });
  const heads = contestants.map(({ id }) => html`<th scope="col" class="number">${id}</th>`);
  return html`<details><summary>All ${names.length} metrics and what each counts</summary><div class="scroll" tabindex="0" role="region" aria-label="All metrics"><table class="plain-table"><thead><tr><th scope="col">metric</th>${heads}</tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}
