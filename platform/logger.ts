import pino from 'pino';

/** What is logged is JSON lines on standard error. Bodies, questions and documents are never logged. */
export type Logger = pino.Logger;

/** Makes the logger of one process. */
export const createLogger = (service: string, level: string): Logger =>
  pino(
    { level, base: { service }, redact: ['authorization', '*.authorization', 'headers.authorization'] },
    pino.destination(2),
  );
