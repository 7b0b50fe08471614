import { z } from 'zod';
import type { ResampleFilter } from './resample.ts';

/** How a model wants its pictures, as its `preprocessor_config.json` says. */
export interface Preprocessing {
  /** `shortest`: the shorter side gets so many pixels. `exact`: both sides do, whatever the proportions. Null: as it is. */
  readonly resize:
    | { readonly kind: 'shortest'; readonly edge: number }
    | { readonly kind: 'exact'; readonly width: number; readonly height: number }
    | null;
  readonly filter: ResampleFilter;
  /** Whether the middle is cut out, of the size below. */
  readonly crop: boolean;
  /** What the model is given, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What values of 0 to 255 are multiplied by. */
  readonly scale: number;
  /** Of red, green and blue, after scaling. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

const side = z.number().int().min(1).max(4096);
const sizeSchema = z.union([
  side,
  z.object({ height: side, width: side }),
  z.strictObject({ shortest_edge: side }),
]);
const channels = z.tuple([z.number(), z.number(), z.number()]);

const fileSchema = z.looseObject({
  do_resize: z.boolean().nullish(),
  size: sizeSchema.nullish(),
  resample: z.number().int().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([side, z.object({ height: side, width: side })]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: channels.nullish(),
  image_std: channels.nullish(),
});

/** The numbers that Pillow gives its filters. */
const filters = new Map<number, ResampleFilter>([
  [1, 'lanczos'],
  [2, 'bilinear'],
  [3, 'bicubic'],
]);

/**
 * Reads a parsed `preprocessor_config.json`, of the older form (`size` a number) or the newer one, as the reference
 * reads it (`CLIPImageProcessor` and `SiglipImageProcessor` of Hugging Face transformers).
 *
 * @throws Error that says what is not supported, or missing.
 */
export function readPreprocessing(file: unknown): Preprocessing {
  const parsed = fileSchema.safeParse(file);
  if (!parsed.success) throw new Error(`it is not as expected: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const filter = filters.get(config.resample ?? 3);
  if (filter === undefined) {
    throw new Error(
      `its "resample" is ${config.resample}; 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are supported`,
    );
  }
  const resize = resizeOf(config);
  const cropSize =
    typeof config.crop_size === 'number'
      ? { width: config.crop_size, height: config.crop_size }
      : (config.crop_size ?? null);
  // The reference of CLIP crops where nothing is said; that of SigLIP, which has no size of a crop, does not.
  const crop = cropSize !== null && (config.do_center_crop ?? true);
  const target = crop ? cropSize : resize?.kind === 'exact' ? resize : null;
  if (target === null) {
    throw new Error(
      'pictures would have different sizes: it must have a "crop_size", or a "size" with height and width',
    );
  }
  const normalised = config.do_normalize ?? true;
  if (normalised && (config.image_mean == null || config.image_std == null)) {
    throw new Error('it must have "image_mean" and "image_std"');
  }
  return {
    resize,
    filter,
    crop,
    width: target.width,
    height: target.height,
    scale: (config.do_rescale ?? true) ? (config.rescale_factor ?? 1 / 255) : 1,
    mean: normalised && config.image_mean != null ? config.image_mean : [0, 0, 0],
    deviation: normalised && config.image_std != null ? config.image_std : [1, 1, 1],
  };
}

function resizeOf({
  do_resize,
  size,
  do_center_crop,
  crop_size,
}: z.infer<typeof fileSchema>): Preprocessing['resize'] {
  if (do_resize === false) return null;
  if (size == null) throw new Error('it must have a "size"');
  if (typeof size === 'number') {
    // The older form: the shorter side where a crop follows, both sides otherwise.
    return crop_size != null && (do_center_crop ?? true)
      ? { kind: 'shortest', edge: size }
      : { kind: 'exact', width: size, height: size };
  }
  return 'shortest_edge' in size
    ? { kind: 'shortest', edge: size.shortest_edge }
    : { kind: 'exact', width: size.width, height: size.height };
}
