/** The protobuf field of a model that holds its metadata (`metadata_props` of `ModelProto` in onnx.proto). */
const metadataField = 14;

/**
 * The metadata of an ONNX file: what its maker wrote beside the graph, such as a recogniser's characters. The runtime
 * for Node does not give it.
 *
 * @throws Error when the bytes are not a model.
 */
export function readOnnxMetadata(bytes: Uint8Array): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const { field, value } of fieldsOf(bytes)) {
    if (field !== metadataField || value === null) continue;
    const entry = new Map<number, string>();
    for (const part of fieldsOf(value)) {
      if (part.value !== null) entry.set(part.field, new TextDecoder().decode(part.value));
    }
    metadata.set(entry.get(1) ?? '', entry.get(2) ?? '');
  }
  return metadata;
}

/** The fields of a protobuf message; null for the value of one that is a number. */
function* fieldsOf(bytes: Uint8Array): Generator<{ field: number; value: Uint8Array | null }> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('The file is not an ONNX model, or is cut off.');
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    let value: Uint8Array | null = null;
    switch (tag % 8) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        value = bytes.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new Error('The file is not an ONNX model.');
    }
    if (at > bytes.length) throw new Error('The file is not an ONNX model, or is cut off.');
    yield { field, value };
  }
}
