import { z } from 'zod';
import { busy, denied, rejected, TributaryError, upstream } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity.ts';
import type { Locator } from '../../platform/types.ts';
import {
  RetrieveOperation,
  type RetrieveQuery,
  type RetrieveQueryVariables,
} from './operations.generated.ts';
import type { Retriever } from './retriever.ts';
import type { Passage } from './types.ts';

export interface SupergraphRetrieverOptions {
  /** Where the gateway is, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Sends a request there: `fetch`, or the gateway's own `fetch` in process. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Makes the token by which the gateway knows whom the search is for. */
  readonly sign: (identity: Identity) => Promise<string>;
  /** How long a search may take, in milliseconds; 20,000 by default. */
  readonly timeoutMs?: number;
}

type FoundHit = RetrieveQuery['search']['hits']['nodes'][number];
type FoundLocator = NonNullable<FoundHit['chunk']>['locator'];

const resultSchema = z.object({
  // What the gateway answers follows from the contract, by which the operation's types are made.
  data: z.custom<RetrieveQuery | null | undefined>().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({
            code: z.string().optional(),
            reason: z.string().optional(),
            retryAfterMs: z.number().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

const service = 'search';

/** Searches through the supergraph, by the contract's own `search`, as any other client does. */
export function createSupergraphRetriever(options: SupergraphRetrieverOptions): Retriever {
  const { url, fetch: send, sign, timeoutMs = 20_000 } = options;

  const execute = async (identity: Identity, variables: RetrieveQueryVariables, signal: AbortSignal) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(
        new Request(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/graphql-response+json, application/json',
            authorization: `Bearer ${await sign(identity)}`,
          },
          body: JSON.stringify({
            query: RetrieveOperation.text,
            operationName: RetrieveOperation.name,
            variables,
          }),
          signal: AbortSignal.any([signal, late]),
        }),
      );
      const { data, errors } = resultSchema.parse(await response.json());
      if (errors?.[0]) throw translate(errors[0]);
      if (!data) throw upstream(service, `The search answered with HTTP ${response.status}.`);
      return data.search;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TributaryError) throw error;
      if (late.aborted) throw upstream(service, `The search took longer than ${timeoutMs} ms.`, error);
      throw upstream(service, 'The search cannot be reached. Please ask again.', error);
    }
  };

  return {
    async search(identity, { text, filter, first }, signal) {
      const ask = async (count: number) => {
        const input = { text, first: count, ...(filter && { filter }) };
        const { hits, coverage } = await execute(identity, { input }, signal);
        return {
          passages: hits.nodes.flatMap(toPassage).slice(0, first),
          coverage,
          found: hits.nodes.length,
        };
      };
      let { found, ...result } = await ask(first);
      // Pictures without words take no place of what can be read; asked for more, the search is remembered already.
      if (result.passages.length < first && found === first) ({ found, ...result } = await ask(most(first)));
      return result;
    },
    async ping(signal) {
      const response = await send(new Request(`${url}/health`, { signal })).catch((error: unknown) => {
        throw upstream(
          service,
          `The gateway at ${url} cannot be reached: check TRIBUTARY_GATEWAY_URL.`,
          error,
        );
      });
      await response.body?.cancel();
      if (!response.ok)
        throw upstream(service, `The gateway at ${url} answered with HTTP ${response.status}.`);
    },
  };
}

/** So many hits have passages with words among them, even among pictures; a search gives 200 at most. */
const most = (first: number): number => Math.min(200, Math.max(50, 4 * first));

type FoundError = NonNullable<z.infer<typeof resultSchema>['errors']>[number];

/** The gateway's refusal as it holds for whoever asked the question. */
function translate({ message, extensions }: FoundError): TributaryError {
  const { code, reason, retryAfterMs } = extensions ?? {};
  if (code === 'REJECTED_INPUT' || code === 'BAD_USER_INPUT') {
    return rejected(reason ?? 'INVALID_FILTER', message, { field: 'filter' });
  }
  if (code === 'DENIED') return denied(message, reason);
  if (code === 'BUSY') return busy(reason ?? 'BUSY', message, retryAfterMs ?? 1_000);
  return upstream(service, 'The search failed. Please ask again.', new Error(`${code ?? ''} ${message}`));
}

/** A hit as a passage; a document deleted just now, and a passage without words, give none. */
function toPassage({ rank, score, parts, highlights, chunk }: FoundHit): Passage[] {
  if (!chunk?.text) return [];
  const ranks = typeof parts.ranks === 'object' && parts.ranks !== null ? { ...parts.ranks } : null;
  return [
    {
      rank,
      score,
      parts: { ...parts, ranks },
      highlights,
      chunkId: chunk.id,
      documentId: chunk.document.id,
      title: chunk.document.title,
      modality: chunk.modality,
      text: chunk.text,
      locator: toLocator(chunk.locator),
    },
  ];
}

function toLocator(locator: FoundLocator): Locator {
  if (locator.__typename === 'ImageRegion') return { kind: 'ImageRegion', box: locator.region };
  const { __typename: kind, ...place } = locator;
  return { kind, ...place } as Locator;
}
