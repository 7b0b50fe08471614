import type { Metrics } from '../../platform/ports/metrics.ts';
import type { Answer } from './pipeline.ts';

/** Notes how a search went: how long it and its stages took, what the cache did, and what became of each source. */
export function measureSearch(metrics: Metrics, { cache, coverage, stages, tookMs }: Answer): void {
  const complete = String(coverage.every(({ status }) => status === 'SEARCHED' || status === 'SKIPPED'));
  metrics.observe('tributary_search_duration_seconds', { cache, complete }, tookMs / 1000);
  metrics.add('tributary_cache_requests_total', { cache: 'results', outcome: cache });
  for (const { stage, tookMs: stageMs } of stages) {
    metrics.observe('tributary_search_stage_duration_seconds', { stage }, stageMs / 1000);
  }
  // What is remembered was counted when it was searched.
  if (cache === 'HIT') return;
  for (const { modality, space, method, status } of coverage) {
    metrics.add('tributary_search_sources_total', { modality, space, method, status });
  }
}
