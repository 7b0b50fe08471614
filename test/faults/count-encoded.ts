import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../deploy/cluster/start-cluster.ts';
import type { Service } from '../../deploy/cluster/start-service.ts';

/** Counts the passages that the workers' encoders have encoded, also over the end of a worker. */
export interface EncodedCount extends AsyncDisposable {
  /** So many so far, by what all workers say of themselves. */
  read(): Promise<number>;
}

const lookMs = 200;

/** Begins to count. What a worker encoded after it was looked at for the last time, and before it died, is not seen. */
export function countEncoded({ services }: Cluster): EncodedCount {
  const stopping = new AbortController();
  // A worker that was started again counts from the start: it is another process.
  const counts = new Map<number, number>();

  async function look(worker: Service): Promise<void> {
    const { pid } = worker;
    const response = await fetch(worker.metricsUrl, { signal: AbortSignal.timeout(5000) });
    const [, value] =
      /^tributary_encoder_texts_total\{purpose="passage"\} (\d+)/m.exec(await response.text()) ?? [];
    if (pid !== null && pid === worker.pid) counts.set(pid, Number(value ?? 0));
  }

  const looking = (async () => {
    while (!stopping.signal.aborted) {
      // One that has just been killed does not answer.
      await Promise.allSettled(services.workers.map(look));
      await delay(lookMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async read() {
      await Promise.all(services.workers.map(look));
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await looking;
    },
  };
}
