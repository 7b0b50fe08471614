import { createLogger } from '../logger.ts';

/** Logs nothing. */
export const silentLogger = createLogger('test', 'silent');
