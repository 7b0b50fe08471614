import { denied, rejected } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import type { HttpRoute } from '../subgraph.ts';
import { errorResponse } from './error-response.ts';
import { matchRoutes } from './routes.ts';

/** Answers a plain HTTP request by the route it fits; never throws. */
export type HandleRoute = (request: Request, identity: Identity | null) => Promise<Response>;

/**
 * Prepares a subgraph's HTTP routes for requests, the same in process and over the network. Without an identity
 * only open routes answer; what a route throws becomes a response that says what is wrong.
 */
export function createRouteHandler(routes: readonly HttpRoute[], logger: Logger): HandleRoute {
  const find = matchRoutes(routes);
  return async (request, identity) => {
    try {
      const path = new URL(request.url).pathname;
      const found = find(request.method, path);
      if (found.kind === 'none') {
        return Response.json(
          { error: { message: `There is nothing at ${path}.`, code: 'NOT_FOUND' } },
          { status: 404 },
        );
      }
      if (found.kind === 'wrongMethod') {
        const allow = found.allowed.join(', ');
        const response = errorResponse(
          rejected('METHOD_NOT_ALLOWED', `${path} takes ${allow} only.`),
          logger,
        );
        response.headers.set('allow', allow);
        return response;
      }
      const { route, parameters } = found.match;
      if (!identity && route.open !== true) {
        throw denied('This needs a caller: send the header `Authorization: Bearer …`.', 'UNAUTHENTICATED');
      }
      return await route.handle(request, parameters, identity);
    } catch (error) {
      return errorResponse(error, logger);
    }
  };
}
