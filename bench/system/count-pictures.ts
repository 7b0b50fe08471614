import { type Metrics, noMetrics } from '../../platform/ports/metrics.ts';

/** How much the visual encoder has encoded, as its own metrics say. */
export interface PictureCount {
  readonly metrics: Metrics;
  pictures: number;
  batches: number;
}

export function countPictures(): PictureCount {
  const count: PictureCount = {
    pictures: 0,
    batches: 0,
    metrics: {
      ...noMetrics,
      add(name, labels, by = 1) {
        if (
          name === 'tributary_visual_encoder_encoded_total' &&
          'kind' in labels &&
          labels.kind === 'picture'
        )
          count.pictures += by;
      },
      observe(name, labels) {
        if (
          name === 'tributary_visual_encoder_batch_duration_seconds' &&
          'kind' in labels &&
          labels.kind === 'picture'
        )
          count.batches++;
      },
    },
  };
  return count;
}
