// A value with its interval as a mark in a table's cell; all cells of a column share one scale.
import { type Html, html } from "./html.ts";

export interface Whisker {
  readonly value: number;
  /** Absent: open to this side. */
  readonly low?: number;
  readonly high?: number;
}

const width = 180;
const height = 20;
const margin = 6;

/** The scale of a column, from all of its values; undefined where there is nothing to lay out. */
export function whiskers(all: readonly Whisker[], middle: number): ((one: Whisker) => Html) | undefined {
  const ends = all.flatMap(({ value, low = value, high = value }) => [low, value, high]);
  if (ends.length === 0) return undefined;
  const least = Math.min(middle, ...ends);
  const most = Math.max(middle, ...ends);
  const place = (value: number): string => {
    const share = most === least ? 0.5 : (value - least) / (most - least);
    return (margin + share * (width - 2 * margin)).toFixed(1);
  };
  return ({ value, low, high }) => {
    const isOpen = low === undefined || high === undefined;
    const [from, to] = [
      low === undefined ? "0" : place(low),
      high === undefined ? String(width) : place(high),
    ];
    return html`<svg class="whisker" viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false"><line class="axis" x1="${place(middle)}" x2="${place(middle)}" y1="0" y2="${height}"/><line class="span${isOpen ? " open" : ""}" x1="${from}" x2="${to}" y1="10" y2="10"/><circle class="dot" cx="${place(value)}" cy="10" r="3.2"/></svg>`;
  };
}
