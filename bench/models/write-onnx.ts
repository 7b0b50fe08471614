import { open } from 'node:fs/promises';

/**
 * Writes ONNX files: as much of the format (protocol buffers, `onnx.proto` of ONNX IR version 8) as a transformer takes.
 */

/** Bytes in pieces: weights are not copied to be written. */
type Bytes = readonly Uint8Array[];

const sizeOf = (bytes: Bytes): number => bytes.reduce((sum, { length }) => sum + length, 0);

function varint(value: number): Uint8Array {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Uint8Array.from([...out, low]);
    out.push(low | 0x80);
  }
}

const integer = (field: number, value: number): Bytes => [varint(field << 3), varint(value)];
const nested = (field: number, value: Bytes): Bytes => [
  varint((field << 3) | 2),
  varint(sizeOf(value)),
  ...value,
];
const text = (field: number, value: string): Bytes => nested(field, [new TextEncoder().encode(value)]);
const float = (field: number, value: number): Bytes => [
  varint((field << 3) | 5),
  new Uint8Array(Float32Array.of(value).buffer),
];

/** A constant of a graph. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** One step of a graph. Attributes that are lists are lists of integers; one number is an integer. */
export interface Step {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;
}

/** What goes in or comes out: single precision; a name in a shape stands for any size. */
export interface Port {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface Graph {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly Constant[];
  readonly steps: readonly Step[];
}

const single = 1;
const int64 = 7;

const constant = ({ name, shape, values }: Constant): Bytes => [
  ...shape.flatMap((size) => integer(1, size)),
  ...integer(2, values instanceof Float32Array ? single : int64),
  ...text(8, name),
  ...nested(9, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]),
];

function attribute(name: string, value: number | readonly number[] | { readonly float: number }): Bytes {
  if (typeof value === 'number') return [...text(1, name), ...integer(3, value), ...integer(20, 2)];
  if ('float' in value) return [...text(1, name), ...float(2, value.float), ...integer(20, 1)];
  return [...text(1, name), ...value.flatMap((each) => integer(8, each)), ...integer(20, 7)];
}

const step = ({ operator, inputs, output, attributes = {} }: Step): Bytes => [
  ...inputs.flatMap((input) => text(1, input)),
  ...text(2, output),
  ...text(4, operator),
  ...Object.entries(attributes).flatMap(([name, value]) => nested(5, attribute(name, value))),
];

function port({ name, shape }: Port): Bytes {
  const sizes = shape.flatMap((size) =>
    nested(1, typeof size === 'number' ? integer(1, size) : text(2, size)),
  );
  return [...text(1, name), ...nested(2, nested(1, [...integer(1, single), ...nested(2, sizes)]))];
}

/** Writes a graph as a model of operator set 17. */
export async function writeOnnx(path: string, graph: Graph): Promise<void> {
  const body: Bytes = [
    ...graph.steps.flatMap((each) => nested(1, step(each))),
    ...text(2, 'graph'),
    ...graph.constants.flatMap((each) => nested(5, constant(each))),
    ...graph.inputs.flatMap((each) => nested(11, port(each))),
    ...graph.outputs.flatMap((each) => nested(12, port(each))),
  ];
  const model = [...integer(1, 8), ...nested(7, body), ...nested(8, [...text(1, ''), ...integer(2, 17)])];
  const file = await open(path, 'w');
  try {
    for (const piece of model) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}
