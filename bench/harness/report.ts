import { z } from 'zod';

/** One figure of one contender: its value in every round, and their median. */
export const figureSchema = z.object({
  /** Who was measured. */
  contender: z.string(),
  /** What was measured, such as `latency p95`. */
  what: z.string(),
  unit: z.string(),
  median: z.number(),
  rounds: z.array(z.number()).min(1),
});
export type Figure = z.infer<typeof figureSchema>;

/** One figure of ours beside the same figure of a peer. */
export const comparisonSchema = z.object({
  what: z.string(),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
  ours: z.object({ contender: z.string(), median: z.number() }),
  peer: z.object({ contender: z.string(), median: z.number() }),
  /** Ours divided by the peer's: the median of the rounds' own ratios, so that a slow minute hits both. */
  ratio: z.number(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** What one benchmark found out. */
export const reportSchema = z.object({
  /** The benchmark's name: `npm run bench -- NAME`. */
  name: z.string(),
  title: z.string(),
  /** What was run: amounts, sizes, and what is in and what is out. */
  setup: z.array(z.string()),
  figures: z.array(figureSchema),
  comparisons: z.array(comparisonSchema),
  /** How long the benchmark took, in seconds. */
  seconds: z.number(),
  /** When it ended, ISO 8601. */
  finishedAt: z.string(),
});
export type Report = z.infer<typeof reportSchema>;

/** All benchmarks' newest reports, and where they were made: `bench/results.json`. */
export const resultsSchema = z.object({
  machine: z.object({
    processor: z.string(),
    cores: z.number().int(),
    memoryGiB: z.number(),
    system: z.string(),
    node: z.string(),
  }),
  reports: z.array(reportSchema),
});
export type Results = z.infer<typeof resultsSchema>;
