import { asTributaryError } from './errors.ts';
import type { HealthCheck } from './subgraph.ts';

export interface ProbeOptions {
  /** What to do about it, in the place of what the failure says of itself. */
  readonly advice?: string;
  /** Whether the service works on without it, with less. */
  readonly optional?: boolean;
}

/**
 * Looks whether something that a service needs can be reached. Never throws.
 *
 * @param work resolves with what was found.
 */
export async function probe(
  name: string,
  work: () => Promise<string>,
  { advice, optional = false }: ProbeOptions = {},
): Promise<HealthCheck> {
  const kind = optional ? { optional } : {};
  try {
    return { name, healthy: true, detail: await work(), ...kind };
  } catch (error) {
    return { name, healthy: false, detail: advice ?? asTributaryError(error).publicMessage, ...kind };
  }
}

/** Whether a service can work: all that it cannot do without is there. */
export const isReady = (checks: readonly HealthCheck[]): boolean =>
  checks.every((check) => check.healthy || check.optional === true);
