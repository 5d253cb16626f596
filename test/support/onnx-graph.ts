// ONNX as protobuf by hand: the few messages that the tests' models are made of, the same bytes on every run.

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** A length-delimited field of a protobuf message. */
export function bytes(field: number, content: Uint8Array | string): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

export const float32 = 1;
export const int64 = 7;
export const bool = 9;
export const float16 = 10;

export type Attribute = {
  readonly name: string;
  readonly text?: string;
  readonly integers?: readonly number[];
  readonly integer?: number;
};

/** `AttributeProto`: types 2 (integer), 3 (string), 7 (integers). */
function attribute({ name, text, integers, integer }: Attribute): Buffer {
  const value =
    text !== undefined
      ? [bytes(4, text), number(20, 3)]
      : integer !== undefined
        ? [number(3, integer), number(20, 2)]
        : [...(integers ?? []).map((each) => number(8, each)), number(20, 7)];
  return bytes(5, Buffer.concat([bytes(1, name), ...value]));
}

/** `NodeProto`: `inputs -> output` by an operator. */
export function node(
  operator: string,
  [inputs, output]: [readonly string[], string],
  attributes: readonly Attribute[] = [],
): Buffer {
  const parts = [...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, operator)];
  return bytes(1, Buffer.concat([...parts, ...attributes.map(attribute)]));
}

/** `ValueInfoProto` with a shape of names and sizes. */
function value(field: number, [name, type]: [string, number], shape: readonly (string | number)[]): Buffer {
  const dims = shape.map((size) => bytes(1, typeof size === "string" ? bytes(2, size) : number(1, size)));
  const tensor = Buffer.concat([number(1, type), bytes(2, Buffer.concat(dims))]);
  return bytes(field, Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))]));
}

export const input = (named: [string, number], shape: readonly (string | number)[]): Buffer =>
  value(11, named, shape);
export const output = (named: [string, number], shape: readonly (string | number)[]): Buffer =>
  value(12, named, shape);

/** `TensorProto` among the graph's initializers. */
export function initializer(
  name: string,
  values: Float32Array | BigInt64Array,
  shape: readonly number[],
): Buffer {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const type = values instanceof Float32Array ? float32 : int64;
  const dims = shape.map((size) => number(1, size));
  return bytes(5, Buffer.concat([...dims, number(2, type), bytes(8, name), bytes(9, raw)]));
}

/** `ModelProto` of IR version 8 and operator set 13. */
export function model(name: string, parts: readonly Buffer[]): Buffer {
  const nodes = parts.filter((part) => part[0] === 1 * 8 + 2);
  const others = parts.filter((part) => part[0] !== 1 * 8 + 2);
  const graph = Buffer.concat([...nodes, bytes(2, name), ...others]);
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, number(2, 13))]);
}
