import { InferenceSession } from 'onnxruntime-node';

export interface SessionOptions {
  readonly threads: number;
  /** To be tried in this order. */
  readonly executionProviders: readonly string[];
}

/** A model that is loaded. */
export interface OpenedSession {
  readonly session: InferenceSession;
  readonly executionProvider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
}

/** Loads a model with the first execution provider that can be used. @throws Error that says why none can. */
export async function openSession(
  path: string,
  { threads, executionProviders }: SessionOptions,
): Promise<OpenedSession> {
  const refused: string[] = [];
  for (const provider of executionProviders) {
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Threads that have nothing to do sleep: spinning takes the cores from what runs beside it.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        // Errors only: what it warns about is for its own developers.
        logSeverityLevel: 3,
      });
      return { session, executionProvider: provider, refused };
    } catch (error) {
      refused.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(refused.join('; '));
}
