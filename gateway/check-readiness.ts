import type { HealthCheck } from '../platform/subgraph.ts';
import type { ConnectedSubgraph } from './subgraph-source.ts';

const timeoutMs = 5000;

/** Whether everything that the subgraphs need can be reached. */
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

/** Asks all subgraphs at once what they need and whether it can be reached. Never throws. */
export async function checkReadiness(subgraphs: readonly ConnectedSubgraph[]): Promise<Readiness> {
  const services = await Promise.all(
    subgraphs.map(async (subgraph) => {
      const checks = await checkOne(subgraph);
      return { name: subgraph.service, ready: checks.every((check) => check.healthy), checks };
    }),
  );
  return { ready: services.every((service) => service.ready), services };
}
