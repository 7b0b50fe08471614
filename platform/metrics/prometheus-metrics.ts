import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../ports/metrics.ts';
import { catalogue } from './catalogue.ts';

/** From a millisecond to a minute. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A gauge that cannot be read within this time is left out. */
const readTimeoutMs = 2000;

type Reading = { readonly labels: Readonly<Record<string, string>>; readonly value: number };
type Read = (signal: AbortSignal) => readonly Reading[] | Promise<readonly Reading[]>;

/** Metrics as Prometheus takes them. */
export interface PrometheusMetrics extends Metrics {
  readonly contentType: string;
  /** All of them, as they stand now, in the text format of Prometheus 0.0.4. */
  text(): Promise<string>;
}

/** Makes the metrics of one process, with those of Node itself (`process_*`, `nodejs_*`). */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, { readonly gauge: Gauge; readonly reads: Set<Read> }>();
  for (const [name, { kind, help, labels }] of Object.entries(catalogue)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') counters.set(name, new Counter(common));
    else if (kind === 'histogram') histograms.set(name, new Histogram({ ...common, buckets }));
    else gauges.set(name, { gauge: new Gauge(common), reads: new Set() });
  }

  async function readGauges(): Promise<void> {
    const signal = AbortSignal.timeout(readTimeoutMs);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    late.catch(() => undefined);
    await Promise.all(
      [...gauges.values()].map(async ({ gauge, reads }) => {
        const results = await Promise.allSettled(
          [...reads].map((read) => Promise.race([(async () => read(signal))(), late])),
        );
        gauge.reset();
        // One that nothing in this process can say is left out, and not said to be zero.
        gauge.remove({});
        for (const result of results) {
          if (result.status === 'rejected') continue;
          for (const { labels, value } of result.value) gauge.inc(labels, value);
        }
      }),
    );
  }

  return {
    contentType: registry.contentType,
    async text() {
      await readGauges();
      return registry.metrics();
    },
    add(name, labels, by = 1) {
      counters.get(name)?.inc(labels, by);
    },
    observe(name, labels, seconds) {
      histograms.get(name)?.observe(labels, seconds);
    },
    watch(name, read) {
      const reads = gauges.get(name)?.reads;
      reads?.add(read);
      return { [Symbol.dispose]: () => void reads?.delete(read) };
    },
  };
}
