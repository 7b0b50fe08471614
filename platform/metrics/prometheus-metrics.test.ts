import { describe, expect, it } from 'vitest';
import { createPrometheusMetrics } from './prometheus-metrics.ts';
import { serveMetrics } from './serve-metrics.ts';
import { parseMetrics } from './testing/parse-metrics.ts';

describe('metrics', () => {
  it('are served as Prometheus reads them, and move', async () => {
    const metrics = createPrometheusMetrics();
    await using server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
    const scrape = async () => {
      const response = await fetch(`${server.url}/metrics`);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      return parseMetrics(await response.text());
    };
    expect((await scrape()).value('tributary_search_sources_total', { modality: 'TEXT' })).toBeUndefined();
    const labels = { modality: 'TEXT', space: 'TEXT', method: 'DENSE', status: 'SEARCHED' };
    metrics.add('tributary_search_sources_total', labels);
    metrics.add('tributary_search_sources_total', labels, 2);
    metrics.observe('tributary_search_stage_duration_seconds', { stage: 'fuse' }, 0.0007);
    metrics.observe('tributary_search_stage_duration_seconds', { stage: 'fuse' }, 45);
    let texts = 3;
    using _one = metrics.watch('tributary_encoder_queue_texts', () => [{ labels: {}, value: texts }]);
    using _other = metrics.watch('tributary_encoder_queue_texts', async () => [{ labels: {}, value: 4 }]);
    const first = await scrape();
    expect(first.value('tributary_search_sources_total', labels)).toBe(3);
    const name = 'tributary_search_stage_duration_seconds';
    expect(first.value(`${name}_bucket`, { stage: 'fuse', le: '0.001' })).toBe(1);
    expect(first.value(`${name}_bucket`, { stage: 'fuse', le: '30' })).toBe(1);
    expect(first.value(`${name}_bucket`, { stage: 'fuse', le: '60' })).toBe(2);
    expect(first.value(`${name}_count`, { stage: 'fuse' })).toBe(2);
    expect(first.value('tributary_encoder_queue_texts')).toBe(7);
    texts = 0;
    expect((await scrape()).value('tributary_encoder_queue_texts')).toBe(4);
    expect(first.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(first.names.some((each) => each.startsWith('nodejs_'))).toBe(true);
  });

  it('leave out what nothing in the process says, and what cannot be read', async () => {
    const metrics = createPrometheusMetrics();
    using _failing = metrics.watch('tributary_jobs', async () => {
      throw new Error('The database is away.');
    });
    using _fine = metrics.watch('tributary_subscriptions', () => [{ labels: {}, value: 2 }]);
    const seen = parseMetrics(await metrics.text());
    expect(seen.value('tributary_jobs', { state: 'QUEUED' })).toBeUndefined();
    expect(seen.value('tributary_answers_running')).toBeUndefined();
    expect(seen.value('tributary_subscriptions')).toBe(2);
  });

  it('are nowhere but at their path', async () => {
    await using server = await serveMetrics(createPrometheusMetrics(), { host: '127.0.0.1', port: 0 });
    expect((await fetch(`${server.url}/`)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
