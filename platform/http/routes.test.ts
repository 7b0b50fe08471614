import { describe, expect, it } from 'vitest';
import type { HttpRoute } from '../subgraph.ts';
import { matchRoutes } from './routes.ts';

const route = (method: HttpRoute['method'], path: string): HttpRoute => ({
  method,
  path,
  handle: async () => new Response(path),
});
const find = matchRoutes([
  route('GET', '/v1/receipts/:id'),
  route('GET', '/v1/receipts/key'),
  route('PUT', '/v1/uploads/:id'),
  route('DELETE', '/v1/uploads/:id'),
]);

describe('matchRoutes', () => {
  it('gives the values of named segments, unescaped', () => {
    expect(find('PUT', '/v1/uploads/a%2Fb')).toMatchObject({
      kind: 'match',
      match: { parameters: { id: 'a/b' } },
    });
  });

  it('prefers a fixed segment to a named one', () => {
    expect(find('GET', '/v1/receipts/key')).toMatchObject({
      match: { route: { path: '/v1/receipts/key' }, parameters: {} },
    });
  });

  it('says which methods a path takes', () => {
    expect(find('POST', '/v1/uploads/x')).toEqual({ kind: 'wrongMethod', allowed: ['PUT', 'DELETE'] });
  });

  it('answers HEAD by the route for GET', () => {
    expect(find('HEAD', '/v1/receipts/x')).toMatchObject({ kind: 'match' });
  });

  it.each(['/v1/uploads', '/v1/uploads/', '/v1/uploads/a/b', '/v1/uploads/%E0%A4%A', '/other'])(
    'finds nothing at %s',
    (path) => {
      expect(find('PUT', path)).toEqual({ kind: 'none' });
    },
  );
});
