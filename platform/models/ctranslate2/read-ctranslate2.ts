/** A weight of a CTranslate2 model, as numbers. */
export interface Weight {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** The variables of a CTranslate2 model, by name. */
export interface CTranslate2Model {
  /** What it was made for, such as `WhisperSpec`. */
  readonly specification: string;
  has(name: string): boolean;
  /**
   * One variable as 32-bit floats; weights of eight bits are divided by their scales.
   *
   * @throws Error when there is none of this name, or it is of a type that is not known here.
   */
  weight(name: string): Weight;
}

interface Variable {
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes: Buffer;
}

/** The numbers that the format gives to types. */
const types = { float32: 0, int8: 1, int16: 2, int32: 3, float16: 4, bfloat16: 5 } as const;
const oldestVersion = 4;
const newestVersion = 6;

/** All halves as floats: a table is quicker than taking each apart. */
let halves: Float32Array | undefined;
const halfTable = () => {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits >> 15 === 0 ? 1 : -1;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
  return halves;
};

/**
 * Reads the binary format of CTranslate2 (`model.bin`, versions 4 to 6, little-endian): the version, the name and the
 * revision of the specification, the variables (name, rank, dimensions, type, bytes), and other names of variables.
 *
 * @throws Error when the bytes are not of this format, or end too early.
 */
export function readCTranslate2(bytes: Buffer): CTranslate2Model {
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.length)
      throw new Error('The CTranslate2 model ends before its last variable does.');
    at += length;
    return at - length;
  };
  const u8 = () => bytes.readUInt8(take(1));
  const u16 = () => bytes.readUInt16LE(take(2));
  const u32 = () => bytes.readUInt32LE(take(4));
  const text = () => {
    const length = u16();
    return bytes.toString('utf8', take(length), at).replace(/\0$/, '');
  };

  const version = u32();
  if (version < oldestVersion || version > newestVersion) {
    throw new Error(
      `This is no CTranslate2 model of version ${oldestVersion} to ${newestVersion}: it says ${version}.`,
    );
  }
  const specification = text();
  u32(); // The revision of the specification: the names of the variables say what is needed.
  const variables = new Map<string, Variable>();
  for (let left = u32(); left > 0; left--) {
    const name = text();
    const dims: number[] = [];
    for (let rank = u8(); rank > 0; rank--) dims.push(u32());
    const type = u8();
    const length = u32();
    variables.set(name, { dims, type, bytes: bytes.subarray(take(length), at) });
  }
  const others = new Map<string, string>();
  for (let left = at < bytes.length ? u32() : 0; left > 0; left--) others.set(text(), text());

  const find = (name: string) => variables.get(name) ?? variables.get(others.get(name) ?? '');
  const weight = (name: string): Weight => {
    const found = find(name);
    if (found === undefined) throw new Error(`The CTranslate2 model has no ${name}.`);
    const { dims } = found;
    const values = floatsOf(name, found);
    if (values.length !== dims.reduce((product, size) => product * size, 1)) {
      throw new Error(`The bytes of ${name} do not fill its ${dims.join(' × ')} places.`);
    }
    if (found.type !== types.int8 || !name.endsWith('/weight')) return { dims, values };
    const scales = weight(`${name}_scale`).values;
    const width = values.length / scales.length;
    if (!Number.isInteger(width)) throw new Error(`The scales of ${name} do not fit to its rows.`);
    return { dims, values: values.map((value, index) => value / (scales[Math.floor(index / width)] ?? 1)) };
  };
  return { specification, has: (name) => find(name) !== undefined, weight };
}

function floatsOf(name: string, { type, bytes }: Variable): Float32Array {
  // A copy of its own begins where views of wider numbers may.
  const { buffer } = Uint8Array.from(bytes);
  switch (type) {
    case types.float32:
      return new Float32Array(buffer);
    case types.int8:
      return new Float32Array(new Int8Array(buffer));
    case types.int16:
      return new Float32Array(new Int16Array(buffer));
    case types.int32:
      return new Float32Array(new Int32Array(buffer));
    case types.float16: {
      const table = halfTable();
      const bits = new Uint16Array(buffer);
      const floats = new Float32Array(bits.length);
      for (let i = 0; i < bits.length; i++) floats[i] = table[bits[i] as number] as number;
      return floats;
    }
    case types.bfloat16:
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    default:
      throw new Error(`The type ${type} of ${name} is not known.`);
  }
}
