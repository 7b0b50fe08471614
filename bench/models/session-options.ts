import type { InferenceSession } from 'onnxruntime-node';
import type { Config } from '../../platform/config/config.ts';

/** How a session by itself is opened: as our encoders are. */
export const sessionOptions = (
  config: Pick<Config, 'executionProviders' | 'encoderThreads'>,
): InferenceSession.SessionOptions => ({
  executionProviders: [...config.executionProviders],
  intraOpNumThreads: config.encoderThreads,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
  logSeverityLevel: 3,
});
