import { GraphQLError } from 'graphql';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { upstream } from '../errors.ts';
import { createErrorFormatter } from './format-error.ts';

function recordingFormatter() {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { lines, format: createErrorFormatter(logger) };
}
const inResolver = (originalError: Error) => new GraphQLError('masked', { originalError, path: ['search'] });

describe('createErrorFormatter', () => {
  it('shows one sentence and an id for a defect, and logs its details under that id', () => {
    const { lines, format } = recordingFormatter();
    const shown = format(inResolver(new Error('password=hunter2')));
    expect(shown).toMatchObject({ path: ['search'], extensions: { code: 'DEFECT' } });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(lines.join()).toContain('hunter2');
    expect(lines.join()).toContain(String(shown.extensions?.errorId));
  });

  it('names the service that failed', () => {
    const { format } = recordingFormatter();
    expect(format(inResolver(upstream('vectors', 'The vector store is down.'))).extensions).toEqual({
      code: 'UPSTREAM',
      service: 'vectors',
    });
  });

  it('takes work whose caller has gone for no defect', () => {
    const { lines, format } = recordingFormatter();
    const shown = format(inResolver(new DOMException('The client has gone.', 'AbortError')));
    expect(shown.extensions).toEqual({ code: 'BUSY', reason: 'ABANDONED' });
    expect(lines.filter((line) => (JSON.parse(line) as { level: number }).level > 20)).toEqual([]);
  });
});
