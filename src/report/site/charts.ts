// Figures, drawn by Vega where the site is written: plain SVG whose colours are the page's, light or dark.
import type { Spec } from "vega";
import { Html, html } from "./html.ts";

/** One contestant as a point: where it stands in each direction, with its interval up and down where it has one. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Scatter {
  /** For whoever hears the figure instead of seeing it: the table beside it has the numbers. */
  readonly label: string;
  readonly caption: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xFormat: string;
  readonly points: readonly Point[];
}

const [ink, soft, rule] = ["var(--ink)", "var(--soft)", "var(--rule)"];

const axisLook = {
  labelColor: soft,
  titleColor: soft,
  domainColor: soft,
  tickColor: rule,
  gridColor: rule,
  labelFontSize: 11,
  titleFontSize: 12,
  titleFontWeight: "normal",
  titlePadding: 8,
} as const;

/** The library writes numbers and words as attributes; what a page's policy would refuse must not be among them. */
async function drawn(spec: Spec, label: string): Promise<Html> {
  // Loaded where a figure is drawn: no other command pays for it.
  const { parse, View } = await import("vega");
  const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
  if (/\sstyle=|<(script|style|foreignObject|image|a)\b|\son\w+=/i.test(svg))
    throw new Error("bug: a figure holds what the site's policy refuses");
  // To a reader of screens the figure is one picture: its parts say nothing that the table beside it does not.
  const bare = svg.replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, "");
  return new Html(bare.replace("<svg ", () => html`<svg role="img" aria-label="${label}" `.markup));
}

/** Values so unequal that small ones would lie on each other are laid out by their logarithms. */
function isWide(values: readonly number[]): boolean {
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) / least > 8;
}

function scatterSpec({ points, xTitle, yTitle, xFormat }: Scatter): Spec {
  const across = { name: "x", range: "width" as const, nice: true, domain: { data: "points", field: "x" } };
  const isLog = isWide(points.map(({ x }) => x));
  const values = points.map((point) => ({
    ...point,
    low: point.low ?? point.y,
    high: point.high ?? point.y,
  }));
  return {
    width: 400,
    height: 230,
    padding: 6,
    data: [{ name: "points", values }],
    scales: [
      isLog ? { ...across, type: "log" } : { ...across, type: "linear", zero: true },
      {
        name: "y",
        type: "linear",
        range: "height",
        nice: true,
        zero: false,
        domain: { data: "points", fields: ["low", "high"] },
      },
    ],
    axes: [
      {
        scale: "y",
        orient: "left",
        grid: true,
        tickCount: 5,
        title: yTitle,
        domain: false,
        ticks: false,
        labelPadding: 6,
        ...axisLook,
      },
      {
        scale: "x",
        orient: "bottom",
        tickCount: 5,
        title: xTitle,
        format: xFormat,
        labelOverlap: true,
        ...axisLook,
      },
    ],
    marks: [
      {
        type: "rule",
        from: { data: "points" },
        encode: {
          enter: {
            x: { scale: "x", field: "x" },
            y: { scale: "y", field: "low" },
            y2: { scale: "y", field: "high" },
            stroke: { value: ink },
            strokeOpacity: { value: 0.45 },
          },
        },
      },
      {
        type: "symbol",
        from: { data: "points" },
        encode: {
          enter: {
            x: { scale: "x", field: "x" },
            y: { scale: "y", field: "y" },
            size: { value: 38 },
            fill: { value: ink },
          },
        },
      },
      {
        type: "text",
        from: { data: "points" },
        encode: {
          enter: {
            x: { scale: "x", field: "x", offset: 7 },
            y: { scale: "y", field: "y", offset: -6 },
            text: { field: "name" },
            limit: { value: 150 },
            fontSize: { value: 11 },
            fill: { value: ink },
          },
        },
      },
    ],
  };
}

/** A figure with its caption. */
export async function scatter(figure: Scatter): Promise<Html> {
  const svg = await drawn(scatterSpec(figure), figure.label);
  return html`<figure>${svg}<figcaption>${figure.caption}</figcaption></figure>`;
}
