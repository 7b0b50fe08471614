import type { HttpRoute } from '../subgraph.ts';

/** A route that fits a request, with the values of its `:name` segments. */
export interface RouteMatch {
  readonly route: HttpRoute;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a path leads to: a route, the methods that would be allowed there, or nothing. */
export type RouteResult =
  | { readonly kind: 'match'; readonly match: RouteMatch }
  | { readonly kind: 'wrongMethod'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

/** Finds the route for a method and a path. Fixed segments win over `:name` segments. */
export type FindRoute = (method: string, path: string) => RouteResult;

/** The value of a segment, or undefined where it is not validly escaped. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function parametersOf(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return null;
    if (!part.startsWith(':')) {
      if (part !== segment) return null;
      continue;
    }
    const value = decode(segment);
    if (value === undefined || value === '') return null;
    parameters[part.slice(1)] = value;
  }
  return parameters;
}

/** Prepares routes for finding. `HEAD` is answered by the route for `GET`. */
export function matchRoutes(routes: readonly HttpRoute[]): FindRoute {
  const dynamicCount = (route: HttpRoute) => route.path.split('/:').length;
  const prepared = [...routes]
    .sort((one, other) => dynamicCount(one) - dynamicCount(other))
    .map((route) => ({ route, pattern: route.path.split('/') }));
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const segments = path.split('/');
    const allowed = new Set<string>();
    for (const { route, pattern } of prepared) {
      const parameters = parametersOf(pattern, segments);
      if (!parameters) continue;
      if (route.method === wanted) return { kind: 'match', match: { route, parameters } };
      allowed.add(route.method);
    }
    return allowed.size > 0 ? { kind: 'wrongMethod', allowed: [...allowed] } : { kind: 'none' };
  };
}
