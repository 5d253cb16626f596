// Points and weights for integrating an issue's effect out of its rounds' chances.

export interface Rule {
  readonly points: number;
  /** u = mean + spread · reach. */
  readonly reach: Float64Array;
  /** log of what the integrand is multiplied by, spread aside, before the standard normal density of u is. */
  readonly logWeights: Float64Array;
}

/** Gauss and Hermite's z >= 0 and w of ∫ f(z) exp(-z²) dz (Abramowitz and Stegun, table 25.10). */
const tables = {
  5: [
    [0, 0.945_308_720_482_942],
    [0.958_572_464_613_819, 0.393_619_323_152_241],
    [2.020_182_870_456_086, 0.019_953_242_059_045_9],
  ],
  9: [
    [0, 0.720_235_215_606_051],
    [0.723_551_018_752_838, 0.432_651_559_002_556],
    [1.468_553_289_216_668, 0.088_474_527_394_376_6],
    [2.266_580_584_531_843, 0.004_943_624_275_536_95],
    [3.190_993_201_781_528, 0.000_039_606_977_263_264_4],
  ],
} as const;

function ruleOf(table: readonly (readonly [number, number])[]): Rule {
  const pairs = table.flatMap(([z, w]) =>
    z === 0
      ? [{ z, w }]
      : [
          { z, w },
          { z: -z, w },
        ],
  );
  return {
    points: pairs.length,
    reach: Float64Array.from(pairs, ({ z }) => Math.SQRT2 * z),
    logWeights: Float64Array.from(pairs, ({ z, w }) => Math.log(w) + z * z - Math.log(Math.PI) / 2),
  };
}

const [coarse, fine] = [ruleOf(tables[5]), ruleOf(tables[9])];

/** One point at zero: no effect to integrate over. */
export const single: Rule = {
  points: 1,
  reach: new Float64Array(1),
  logWeights: new Float64Array(1),
};

/** Many rounds of one issue leave a nearly normal posterior, for which five points are as good as nine. */
export const ruleFor = (cells: number): Rule => (cells < 12 ? fine : coarse);

export const mostPoints = fine.points;
