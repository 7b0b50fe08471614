import { Pool } from 'undici';
import { serveChild } from './child.ts';
import { type LoadRequest, type LoadResult, loadRequestSchema } from './load-request.ts';
import { percentile } from './statistics.ts';

let requests = 0;

/**
 * The load generator, a process of its own, so that it takes no turns with what it measures.
 *
 * Sends the query again and again over so many connections, each the next as soon as it has its answer, each
 * with an Authorization of its own: requests that are the same may share one execution, and that would
 * flatter whoever does so. An answer with errors, or not like the first, fails the run.
 */
async function load({ url, query, connections, seconds, keys }: LoadRequest): Promise<LoadResult> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const body = JSON.stringify({ query });
  const latencies: number[] = [];
  let expected: string | undefined;
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  const nextKey = () => keys?.[requests++ % keys.length] ?? `key-${requests++}`;
  const client = async () => {
    for (let sentMs = performance.now(); sentMs < untilMs; sentMs = performance.now()) {
      const response = await pool.request({
        path: pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${nextKey()}` },
        body,
      });
      const text = await response.body.text();
      latencies.push(performance.now() - sentMs);
      expected ??= text;
      if (response.statusCode !== 200 || text !== expected || text.includes('"errors"')) {
        throw new Error(`${url} answered ${response.statusCode} ${text.slice(0, 500)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const elapsedMs = performance.now() - startedMs;
  await pool.close();
  return {
    requests: latencies.length,
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
  };
}

serveChild(async () => ({ ready: 'ready', answer: (input) => load(loadRequestSchema.parse(input)) }));
