// Figures as the site prints them: a true minus, thousands apart, an interval beneath its value.
import type { Estimate } from "../../rating/index.ts";
import { absent, percent, signed as plainSigned } from "../text.ts";
import { type Html, html, type Part } from "./html.ts";

export const signed = (value: number): string => plainSigned(value).replace("-", "−");

export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

export const blankCell = html`<td class="number" data-value="">${absent}</td>`;

/** A value over its interval; sorted by the value. */
export function intervalCell(value: number, shown: string, interval: Part): Html {
  return html`<td class="number" data-value="${value.toFixed(6)}">${shown}<span class="interval">${interval}</span></td>`;
}

export const spanText = (low: string, high: string): string => `${low} to ${high}`;

function estimateCell(of: (value: number) => string): (estimate: Estimate | undefined) => Html {
  return (estimate) => {
    if (estimate === undefined) return blankCell;
    const { value, low, high } = estimate;
    return intervalCell(value, of(value), spanText(of(low), of(high)));
  };
}

export const shareCell = estimateCell(percent);
export const scoreCell = estimateCell(signed);
