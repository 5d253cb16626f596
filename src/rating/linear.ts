// Small dense linear algebra for the rating fit: a few dozen parameters, so plain loops beat a dependency.

function missing(length: number, index: number): never {
  throw new RangeError(`expected an index below ${length}; found ${index}`);
}

/** An element that must be there; a hole is a bug of ours, not a zero. */
export function at(values: Float64Array, index: number): number {
  const value = values[index];
  return value === undefined ? missing(values.length, index) : value;
}

/** The same for whole numbers; apart, because a function that reads both kinds of array is slow for each. */
export function whole(values: Int32Array, index: number): number {
  const value = values[index];
  return value === undefined ? missing(values.length, index) : value;
}

export function addTo(values: Float64Array, index: number, amount: number): void {
  values[index] = at(values, index) + amount;
}

export function dot(one: Float64Array, other: Float64Array): number {
  let total = 0;
  for (let i = 0; i < one.length; i += 1) total += at(one, i) * at(other, i);
  return total;
}

/** Square matrices are row-major; this is their side. */
export const sideOf = (matrix: Float64Array): number => Math.round(Math.sqrt(matrix.length));

/** `matrix` times `vector`. */
export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return Float64Array.from(vector, (_, row) => dot(matrix.subarray(row * size, (row + 1) * size), vector));
}

/** Lower triangle L with L Lᵀ = matrix, of which nothing above the diagonal is read; undefined where the matrix is not positive definite. */
export function cholesky(matrix: Float64Array): Float64Array | undefined {
  const size = sideOf(matrix);
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = at(matrix, row * size + column);
      for (let k = 0; k < column; k += 1) rest -= at(lower, row * size + k) * at(lower, column * size + k);
      if (row === column) {
        if (!(rest > 1e-12 * Math.abs(at(matrix, row * size + row)))) return undefined;
        lower[row * size + row] = Math.sqrt(rest);
      } else lower[row * size + column] = rest / at(lower, column * size + column);
    }
  }
  return lower;
}

/** L⁻¹ b for a lower triangle L. */
export function forward(lower: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const solved = Float64Array.from(vector);
  for (let row = 0; row < size; row += 1) {
    let rest = at(solved, row);
    for (let k = 0; k < row; k += 1) rest -= at(lower, row * size + k) * at(solved, k);
    solved[row] = rest / at(lower, row * size + row);
  }
  return solved;
}

/** L⁻ᵀ b for a lower triangle L. */
export function backward(lower: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const solved = Float64Array.from(vector);
  for (let row = size - 1; row >= 0; row -= 1) {
    let rest = at(solved, row);
    for (let k = row + 1; k < size; k += 1) rest -= at(lower, k * size + row) * at(solved, k);
    solved[row] = rest / at(lower, row * size + row);
  }
  return solved;
}

/** (L Lᵀ)⁻¹ b. */
export const solve = (lower: Float64Array, vector: Float64Array): Float64Array =>
  backward(lower, forward(lower, vector));

/** L⁻¹ M L⁻ᵀ of a symmetric M. */
export function whitened(lower: Float64Array, matrix: Float64Array): Float64Array {
  const size = sideOf(matrix);
  const half = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    half.set(forward(lower, matrix.subarray(row * size, (row + 1) * size)), row * size);
  }
  const both = new Float64Array(size * size);
  const column = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    for (let row = 0; row < size; row += 1) column[row] = at(half, row * size + k);
    both.set(forward(lower, column), k * size);
  }
  return both;
}

export interface Eigen {
  readonly values: Float64Array;
  /** Row k is the eigenvector of `values[k]`. */
  readonly vectors: Float64Array;
}

interface Turn {
  readonly p: number;
  readonly q: number;
  readonly c: number;
  readonly s: number;
}

function turnRows(matrix: Float64Array, size: number, { p, q, c, s }: Turn): void {
  for (let k = 0; k < size; k += 1) {
    const [up, down] = [at(matrix, p * size + k), at(matrix, q * size + k)];
    matrix[p * size + k] = c * up - s * down;
    matrix[q * size + k] = s * up + c * down;
  }
}

function turnColumns(matrix: Float64Array, size: number, { p, q, c, s }: Turn): void {
  for (let k = 0; k < size; k += 1) {
    const [left, right] = [at(matrix, k * size + p), at(matrix, k * size + q)];
    matrix[k * size + p] = c * left - s * right;
    matrix[k * size + q] = s * left + c * right;
  }
}

/** The angle that zeroes element (p, q). */
function turnFor(matrix: Float64Array, p: number, q: number): Turn {
  const size = sideOf(matrix);
  const off = at(matrix, p * size + q);
  const ratio = (at(matrix, q * size + q) - at(matrix, p * size + p)) / (2 * off);
  const t = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const c = 1 / Math.hypot(1, t);
  return { p, q, c, s: t * c };
}

/** Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5). */
export function eigenOf(symmetric: Float64Array): Eigen {
  const size = sideOf(symmetric);
  const work = Float64Array.from(symmetric);
  const vectors = new Float64Array(size * size);
  for (let k = 0; k < size; k += 1) vectors[k * size + k] = 1;
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let moved = 0;
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) {
        if (Math.abs(at(work, p * size + q)) < 1e-13) continue;
        const turn = turnFor(work, p, q);
        turnRows(work, size, turn);
        turnColumns(work, size, turn);
        turnRows(vectors, size, turn);
        moved += 1;
      }
    }
    if (moved === 0) break;
  }
  return { values: Float64Array.from({ length: size }, (_, k) => at(work, k * size + k)), vectors };
}
