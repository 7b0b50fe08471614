import { isReady } from '../platform/health.ts';
import type { HealthCheck } from '../platform/subgraph.ts';
import type { ConnectedSubgraph } from './subgraph-source.ts';

const timeoutMs = 5000;

/** What of that which the subgraphs need can be reached, and whether the gateway has anything to pass on to. */
export interface Readiness {
  readonly ready: boolean;
  readonly services: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly checks: readonly HealthCheck[];
  }[];
}

async function checkOne(subgraph: ConnectedSubgraph): Promise<HealthCheck[]> {
  try {
    return await subgraph.check(AbortSignal.timeout(timeoutMs));
  } catch {
    return [
      { name: subgraph.service, healthy: false, detail: `The service ${subgraph.service} does not answer.` },
    ];
  }
}

/**
 * Asks all subgraphs at once what they need and whether it can be reached. The gateway can do its work as long as one
 * of them can: a balancer that took it away for want of another would take away what still works. Never throws.
 */
export async function checkReadiness(subgraphs: readonly ConnectedSubgraph[]): Promise<Readiness> {
  const services = await Promise.all(
    subgraphs.map(async (subgraph) => {
      const checks = await checkOne(subgraph);
      return { name: subgraph.service, ready: isReady(checks), checks };
    }),
  );
  const ready = services.some((service) => service.ready);
  return { ready, services };
}
