import { openSession } from './open-session.ts';

/** Which execution provider would be used, and why those before it are not. */
export interface ProbedProviders {
  /** Null where none can be used. */
  readonly provider: string | null;
  /** Those that cannot be used, each with the reason. */
  readonly refused: readonly string[];
}

/** A model of one node (`y = max(0, x)` of one number), as an ONNX file. */
const smallest = 'CAg6MwoMCgF4EgF5IgRSZWx1EgFnWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQEQ==';

/** Tries execution providers, in the order given, on the smallest of models: what a real one would be loaded with. */
export async function probeProviders(executionProviders: readonly string[]): Promise<ProbedProviders> {
  const weights = Buffer.from(smallest, 'base64');
  try {
    const { session, provider, refused } = await openSession({ weights, threads: 1, executionProviders });
    await session.release();
    return { provider, refused };
  } catch (error) {
    return { provider: null, refused: [error instanceof Error ? error.message : String(error)] };
  }
}
