import { InferenceSession } from 'onnxruntime-node';

export interface SessionOptions {
  /** The path of the ONNX file, or what is in it. */
  readonly weights: string | Uint8Array;
  /** How many threads one run uses. */
  readonly threads: number;
  /** To be tried in this order. */
  readonly executionProviders: readonly string[];
}

/** An ONNX model that is loaded. */
export interface OpenedSession {
  readonly session: InferenceSession;
  /** The execution provider that is really used. */
  readonly provider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
}

/**
 * Loads a model with the first execution provider that can be used. To be called on a thread of its own:
 * `InferenceSession.run` of onnxruntime-node computes on the thread that calls it.
 *
 * @throws Error with the reason of each provider when none can.
 */
export async function openSession(options: SessionOptions): Promise<OpenedSession> {
  const refused: string[] = [];
  for (const provider of options.executionProviders) {
    try {
      const settings: InferenceSession.SessionOptions = {
        executionProviders: [provider],
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        // Threads that have nothing to do sleep. Spinning takes the cores from the database, the vectors and the
        // language model beside it: with other work on two cores a passage took nearly twice as long.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        // Errors only: what it warns about (nodes left on the CPU) is for its own developers.
        logSeverityLevel: 3,
      };
      // It has a signature for each of the two.
      const session =
        typeof options.weights === 'string'
          ? await InferenceSession.create(options.weights, settings)
          : await InferenceSession.create(options.weights, settings);
      return { session, provider, refused };
    } catch (error) {
      refused.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(refused.join('; '));
}
