import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFile } from '../../platform/project-file.ts';
import { createRandom } from '../corpus/random.ts';
import { type Constant, type Step, writeOnnx } from './write-onnx.ts';

/** The image tower of CLIP ViT-B/32, as its `config.json` has it. */
export const clipB32 = {
  side: 224,
  patch: 32,
  width: 768,
  layers: 12,
  heads: 12,
  hidden: 3072,
  projection: 512,
};

/** As in `preprocessor_config.json` of `openai/clip-vit-base-patch32`. */
const preprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  ...{ do_resize: true, size: { shortest_edge: clipB32.side }, resample: 3 },
  ...{ do_center_crop: true, crop_size: { height: clipB32.side, width: clipB32.side } },
  ...{ do_rescale: true, rescale_factor: 1 / 255, do_normalize: true },
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};

/**
 * Writes a visual encoder in the hub's layout whose image tower computes what CLIP ViT-B/32 computes, in single
 * precision, on weights that are random: it takes the time of the real one, and knows nothing. Its text tower, which no
 * picture goes through, is that of the packaged encoder.
 *
 * @returns the path of the image tower.
 */
export async function writeVisionTransformer(folder: string): Promise<string> {
  const packaged = projectFile('platform/models/packaged/drawings-clip');
  await mkdir(join(folder, 'onnx'), { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await cp(join(packaged, file), join(folder, file));
  }
  const config: unknown = JSON.parse(await readFile(join(packaged, 'config.json'), 'utf8'));
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  await cp(join(packaged, 'onnx', 'text_model.onnx'), join(folder, 'onnx', 'text_model.onnx'));
  const path = join(folder, 'onnx', 'vision_model.onnx');
  const { steps, constants } = imageTower();
  await writeOnnx(path, {
    inputs: [{ name: 'pixel_values', shape: ['batch', 3, clipB32.side, clipB32.side] }],
    outputs: [{ name: 'image_embeds', shape: ['batch', clipB32.projection] }],
    ...{ steps, constants },
  });
  return path;
}

function imageTower(): { steps: Step[]; constants: Constant[] } {
  const { side, patch, width, layers, heads, hidden, projection } = clipB32;
  const patches = (side / patch) ** 2;
  const steps: Step[] = [];
  const constants: Constant[] = [];
  const random = createRandom(32);
  // Numbers for the largest matrix; each takes them from another place on.
  const pool = Float32Array.from({ length: 3 * patch * patch * width + 4096 }, () => random() * 2 - 1);

  const keep = (shape: readonly number[], values: Float32Array | BigInt64Array): string => {
    const name = `c${constants.length}`;
    constants.push({ name, shape, values });
    return name;
  };
  const weights = (scale: number, ...shape: number[]): string => {
    const size = shape.reduce((product, each) => product * each, 1);
    const start = constants.length % 4096;
    return keep(
      shape,
      pool.slice(start, start + size).map((value) => value * scale),
    );
  };
  const integers = (...values: number[]) => keep([values.length], BigInt64Array.from(values, BigInt));
  const run = (operator: string, inputs: string[], attributes: Step['attributes'] = {}): string => {
    const output = `t${steps.length}`;
    steps.push({ operator, inputs, output, attributes });
    return output;
  };
  const linear = (input: string, from: number, to: number) =>
    run('Add', [run('MatMul', [input, weights(1 / Math.sqrt(from), from, to)]), weights(0.02, to)]);
  const normalised = (input: string, axis = -1) =>
    run('LayerNormalization', [input, keep([width], new Float32Array(width).fill(1)), weights(0.02, width)], {
      ...{ axis, epsilon: { float: 1e-5 } },
    });

  const kernels = weights(1 / Math.sqrt(3 * patch * patch), width, 3, patch, patch);
  const seen = run('Conv', ['pixel_values', kernels], {
    ...{ kernel_shape: [patch, patch], strides: [patch, patch] },
  });
  const flat = run('Reshape', [seen, integers(0, width, patches)]);
  const tokens = run('Transpose', [flat], { perm: [0, 2, 1] });
  const batch = run('Slice', [run('Shape', [tokens]), integers(0), integers(1)]);
  const classShape = run('Concat', [batch, integers(1, width)], { axis: 0 });
  const classToken = run('Expand', [weights(1, 1, 1, width), classShape]);
  const all = run('Concat', [classToken, tokens], { axis: 1 });
  let state = normalised(run('Add', [all, weights(0.02, 1, patches + 1, width)]));

  const split = integers(0, 0, heads, width / heads);
  const joined = integers(0, 0, width);
  const shrink = keep([], Float32Array.of(1 / Math.sqrt(width / heads)));
  const slope = keep([], Float32Array.of(1.702));
  const headsOf = (input: string, perm: number[]) =>
    run('Transpose', [run('Reshape', [linear(input, width, width), split])], { perm });
  for (let layer = 0; layer < layers; layer++) {
    const given = normalised(state);
    const queries = run('Mul', [headsOf(given, [0, 2, 1, 3]), shrink]);
    const scores = run('MatMul', [queries, headsOf(given, [0, 2, 3, 1])]);
    const mixed = run('MatMul', [run('Softmax', [scores], { axis: -1 }), headsOf(given, [0, 2, 1, 3])]);
    const back = run('Reshape', [run('Transpose', [mixed], { perm: [0, 2, 1, 3] }), joined]);
    state = run('Add', [state, linear(back, width, width)]);
    const wide = linear(normalised(state), width, hidden);
    const active = run('Mul', [wide, run('Sigmoid', [run('Mul', [wide, slope])])]);
    state = run('Add', [state, linear(active, hidden, width)]);
  }
  const first = run('Gather', [state, keep([], BigInt64Array.of(0n))], { axis: 1 });
  const projected = weights(1 / Math.sqrt(width), width, projection);
  steps.push({ operator: 'MatMul', inputs: [normalised(first), projected], output: 'image_embeds' });
  return { steps, constants };
}
