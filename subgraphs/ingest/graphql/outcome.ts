import { asTributaryError, type TributaryError } from '../../../platform/errors.ts';

type Problem =
  | {
      readonly __typename: 'Rejected';
      readonly code: string;
      readonly message: string;
      readonly field: string | null;
    }
  | {
      readonly __typename: 'Busy';
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number;
    }
  | { readonly __typename: 'NotFound'; readonly code: string; readonly message: string }
  | { readonly __typename: 'Denied'; readonly code: string; readonly message: string };

/** The types of expected failures that a mutation's payload can be. */
export type ProblemName = Problem['__typename'];

/**
 * What work gives, or the expected failure that it ended in, as a member of the mutation's union.
 *
 * @param expected the failures that the union has; any other is thrown.
 */
export async function outcome<T, Name extends ProblemName>(
  expected: readonly Name[],
  work: () => Promise<T>,
): Promise<T | Extract<Problem, { __typename: Name }>> {
  try {
    return await work();
  } catch (error) {
    const problem = toProblem(asTributaryError(error));
    const isExpected = (found: Problem | null): found is Extract<Problem, { __typename: Name }> =>
      found !== null && expected.some((name) => name === found.__typename);
    if (isExpected(problem)) return problem;
    throw error;
  }
}

function toProblem(error: TributaryError): Problem | null {
  const { code, reason, publicMessage: message } = error;
  switch (code) {
    case 'REJECTED_INPUT':
      return { __typename: 'Rejected', code: reason, message, field: error.field ?? null };
    case 'BUSY':
      return { __typename: 'Busy', code: reason, message, retryAfterMs: error.retryAfterMs ?? 1000 };
    case 'NOT_FOUND':
      return { __typename: 'NotFound', code: 'NOT_FOUND', message };
    case 'DENIED':
      return { __typename: 'Denied', code: 'DENIED', message };
    default:
      return null;
  }
}
