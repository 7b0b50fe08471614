/** The numbers that ONNX gives to types of elements. */
export const elements = { float32: 1, uint8: 2, int64: 7 } as const;

/** The type of an input or output; a dimension that is not the same each time has a name. */
export interface ValueType {
  readonly name: string;
  readonly element: number;
  readonly dims: readonly (number | string)[];
}

/** A graph under construction. Values are known by the names that these functions return. */
export interface OnnxGraph {
  /** Adds an operator with one output. */
  op(type: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** Adds an operator with several outputs. */
  ops(type: string, inputs: readonly string[], outputs: number, attributes?: Attributes): string[];
  floats(values: Float32Array, dims: readonly number[]): string;
  bytes(values: Uint8Array, dims: readonly number[]): string;
  /** A list of whole numbers, or one alone, without dimensions. */
  integers(values: readonly number[] | number): string;
  /** The bytes of the model's file. */
  write(inputs: readonly ValueType[], outputs: readonly ValueType[]): Buffer;
}

/** A whole number is an INT, a list an INTS, and `{ float }` a FLOAT. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** LayerNormalization came with this one. */
const operatorSet = 17;
const irVersion = 8;

/** Pieces of a protobuf message; nothing is copied before the end. */
type Message = readonly Buffer[];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Buffer.from(bytes);
}
const integer = (field: number, value: number): Message => [varint(field * 8), varint(value)];
const block = (field: number, content: Message): Message => [
  varint(field * 8 + 2),
  varint(content.reduce((sum, piece) => sum + piece.length, 0)),
  ...content,
];
const text = (field: number, value: string): Message => block(field, [Buffer.from(value)]);

function attribute(name: string, value: Attributes[string]): Message {
  if (typeof value === 'number') return [...text(1, name), ...integer(3, value), ...integer(20, 2)];
  if ('float' in value) {
    const bits = Buffer.alloc(4);
    bits.writeFloatLE(value.float);
    return [...text(1, name), varint(2 * 8 + 5), bits, ...integer(20, 1)];
  }
  return [...text(1, name), ...value.flatMap((each) => integer(8, each)), ...integer(20, 7)];
}

const tensor = (name: string, element: number, dims: readonly number[], raw: Uint8Array): Message => [
  ...dims.flatMap((size) => integer(1, size)),
  ...integer(2, element),
  ...text(8, name),
  ...block(9, [Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)]),
];

function valueInfo({ name, element, dims }: ValueType): Message {
  const shape = dims.flatMap((size) => block(1, typeof size === 'number' ? integer(1, size) : text(2, size)));
  return [...text(1, name), ...block(2, block(1, [...integer(1, element), ...block(2, shape)]))];
}

/**
 * Builds a model in ONNX: of its protobuf messages only those that a graph of operators and weights needs. The same
 * calls make the same bytes.
 */
export function createOnnxGraph(): OnnxGraph {
  const nodes: Buffer[] = [];
  const weights: Buffer[] = [];
  let count = 0;
  const fresh = () => `v${count++}`;
  const add = (
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes,
  ) => {
    const node = [
      ...inputs.flatMap((name) => text(1, name)),
      ...outputs.flatMap((name) => text(2, name)),
      ...text(3, `n${count++}`),
      ...text(4, type),
      ...Object.entries(attributes).flatMap(([name, value]) => block(5, attribute(name, value))),
    ];
    nodes.push(...block(1, node));
  };
  const weight = (element: number, dims: readonly number[], raw: Uint8Array) => {
    const name = fresh();
    weights.push(...block(5, tensor(name, element, dims, raw)));
    return name;
  };
  return {
    op(type, inputs, attributes = {}, output = fresh()) {
      add(type, inputs, [output], attributes);
      return output;
    },
    ops(type, inputs, outputs, attributes = {}) {
      const names = Array.from({ length: outputs }, fresh);
      add(type, inputs, names, attributes);
      return names;
    },
    floats: (values, dims) =>
      weight(elements.float32, dims, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    bytes: (values, dims) => weight(elements.uint8, dims, values),
    integers(values) {
      const list = typeof values === 'number' ? [values] : values;
      const raw = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
      return weight(elements.int64, typeof values === 'number' ? [] : [list.length], raw);
    },
    write(inputs, outputs) {
      const graph = [
        ...nodes,
        ...text(2, 'model'),
        ...weights,
        ...inputs.flatMap((value) => block(11, valueInfo(value))),
        ...outputs.flatMap((value) => block(12, valueInfo(value))),
      ];
      return Buffer.concat([
        ...integer(1, irVersion),
        ...text(2, 'tributary'),
        ...block(7, graph),
        ...block(8, [...text(1, ''), ...integer(2, operatorSet)]),
      ]);
    },
  };
}
