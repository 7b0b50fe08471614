import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError, readConfig } from './config/config.ts';
import { DisposableStack } from './disposable-stack.ts';
import { TributaryError } from './errors.ts';
import { createLogger, type Logger } from './logger.ts';
import { createPrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { type Metrics, noMetrics } from './ports/metrics.ts';

/** What a process is made with. */
export interface ProcessContext {
  readonly config: Config;
  readonly logger: Logger;
  /** Owns everything that lives as long as the process. */
  readonly stack: DisposableStack;
  /** Aborted when the process was told to stop. What it serves is served on for a while: see `runProcess`. */
  readonly draining: AbortSignal;
  /** Nobody's where no port for them is configured. */
  readonly metrics: Metrics;
}

/** What went wrong, in one sentence for the person who started the process. */
function explain(error: unknown): string {
  if (error instanceof TributaryError) return error.publicMessage;
  return error instanceof Error ? error.message : String(error);
}

/** Serves metrics for as long as the process lives, where a port for them is configured. */
async function openMetrics({ host, metricsPort }: Config, stack: DisposableStack): Promise<Metrics> {
  if (metricsPort === null) return noMetrics;
  const metrics = createPrometheusMetrics();
  const { url } = stack.use(await serveMetrics(metrics, { host, port: metricsPort }));
  console.log(`metrics: ${url}/metrics`);
  return metrics;
}

/**
 * Runs one of our processes: reads the configuration, starts, and stays until SIGTERM or SIGINT. Then it is not
 * ready any more, for `drainSeconds` serves on whoever has not taken note of that yet, and ends what is under way
 * in order; a second signal ends it at once. A failure to start is one sentence on standard error and exit code 1,
 * a wrong setting exit code 2.
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<void>,
): Promise<void> {
  const stack = new DisposableStack();
  const draining = new AbortController();
  let drainMs = 0;
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) process.exit(1);
    stopping = true;
    draining.abort();
    if (code === 0 && drainMs > 0) await delay(drainMs);
    try {
      await stack[Symbol.asyncDispose]();
    } catch (error) {
      console.error(`${name}: ${explain(error)}`);
      process.exit(1);
    }
    process.exit(code);
  };
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  try {
    const config = readConfig(process.env);
    const logger = createLogger(name, config.logLevel);
    const metrics = await openMetrics(config, stack);
    await start({ config, logger, stack, draining: draining.signal, metrics });
    drainMs = config.drainSeconds * 1000;
  } catch (error) {
    console.error(`${name}: ${explain(error)}`);
    await stop(error instanceof ConfigError ? 2 : 1);
  }
}
