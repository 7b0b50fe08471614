/** An answer with errors, or none at all: nothing was promised. */
export class NotAcknowledged extends Error {
  override readonly name = 'NotAcknowledged';
  readonly code: string | null;

  constructor(message: string, code: string | null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Answered<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/**
 * Executes a query or mutation at a gateway.
 *
 * @throws NotAcknowledged where there are errors, or no answer within `timeoutMs`.
 */
export async function ask<T>(
  url: string,
  document: string,
  variables: Record<string, unknown>,
  timeoutMs = 10_000,
): Promise<T> {
  let answered: Answered<T>;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: document, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    answered = (await response.json()) as Answered<T>;
  } catch (error) {
    throw new NotAcknowledged('there was no answer', null, { cause: error });
  }
  const [error] = answered.errors ?? [];
  if (error) throw new NotAcknowledged(error.message, error.extensions?.code ?? null);
  if (answered.data === null || answered.data === undefined)
    throw new NotAcknowledged('there is no data', null);
  return answered.data;
}
