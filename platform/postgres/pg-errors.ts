import { DatabaseError } from 'pg';
import { TributaryError, upstream } from '../errors.ts';
import { storageFull } from '../storage-full.ts';

const lostConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

/**
 * What the driver threw, as one of ours where the meaning is clear to everyone: the disk is full (`BUSY`,
 * `STORAGE_FULL`), the server is away or too busy, a statement took too long, two transactions collided.
 * Everything else is returned as it is, so that callers can look at `code`: a unique key, a check.
 */
export function translatePostgresError(error: unknown): unknown {
  if (error instanceof TributaryError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof DatabaseError) return translateSqlState(code, error);
  if (
    lostConnection.has(code) ||
    /^Connection terminated|^Client was closed|not queryable|^Query read timeout|^timeout expired|cannot be read$/.test(
      error.message,
    )
  ) {
    return upstream('postgres', 'The database cannot be reached at present; please try again.', error);
  }
  if (error.message === 'timeout exceeded when trying to connect') {
    return new TributaryError('BUSY', 'The database is too busy at present; please try again.', {
      reason: 'DATABASE_BUSY',
      retryAfterMs: 1000,
      cause: error,
    });
  }
  return error;
}

function translateSqlState(code: string, error: DatabaseError): unknown {
  if (code === '53100') return storageFull(error);
  if (code === '40001' || code === '40P01' || code === '55P03') {
    return new TributaryError('BUSY', 'Somebody else changed the same thing at the same time; try again.', {
      reason: 'CONFLICT',
      retryAfterMs: 100,
      cause: error,
    });
  }
  if (code === '57014') {
    return upstream('postgres', 'The database took too long to answer; please try again.', error);
  }
  // 08: connection; 53: out of memory or connections; 57P: shutting down or starting; 58 and XX: its own failure.
  // Every error of a server has a code: without one it is the driver that could not read what came.
  if (code === '' || /^(08|53|57P|58|XX)/.test(code)) {
    return upstream('postgres', 'The database cannot be used at present; please try again.', error);
  }
  return error;
}
