import { z } from 'zod';

/** One run of the load generator. */
export const loadRequestSchema = z.object({
  url: z.url(),
  query: z.string(),
  connections: z.number().int().positive(),
  seconds: z.number().positive(),
  /** The keys to show in turn; by default another one with every request. */
  keys: z.array(z.string()).optional(),
});
export type LoadRequest = z.infer<typeof loadRequestSchema>;

/** What one run gave: requests a second, and how long each took. */
export const loadResultSchema = z.object({
  requests: z.number(),
  perSecond: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
});
export type LoadResult = z.infer<typeof loadResultSchema>;
