import type { ExecutionRequest } from '@graphql-tools/utils';
import { type FieldNode, getOperationAST, Kind, valueFromASTUntyped } from 'graphql';
import { type CallerContext, callerOf } from './caller.ts';

/** What a search has where it says nothing, in milliseconds; as the contract says. */
const usualMs = 10_000;
/** So much longer an operation may take than the search in it: what was found in time is still put together. */
const graceMs = 75;

const deadlines = new WeakMap<CallerContext, number>();

/**
 * Remembers when an operation must be answered that does nothing but search: what is asked of other subgraphs about the
 * hits is a part of the search for whoever waits for it.
 */
export function noteSearchDeadline(request: ExecutionRequest): void {
  const operation = getOperationAST(request.document, request.operationName);
  if (operation?.operation !== 'query') return;
  const { selections } = operation.selectionSet;
  const fields = selections.filter((each): each is FieldNode => each.kind === Kind.FIELD);
  const searches = fields.filter(({ name }) => name.value === 'search');
  const onlySearches = selections.every(
    (each) => each.kind === Kind.FIELD && ['search', '__typename'].includes(each.name.value),
  );
  if (!onlySearches || searches.length === 0) return;
  const longestMs = Math.max(...searches.map((search) => deadlineOf(search, request.variables)));
  deadlines.set(callerOf(request), performance.now() + longestMs + graceMs);
}

function deadlineOf(search: FieldNode, variables: unknown): number {
  const input = search.arguments?.find(({ name }) => name.value === 'input')?.value;
  const value: unknown = input && valueFromASTUntyped(input, variables as Record<string, unknown>);
  const given: unknown =
    typeof value === 'object' && value !== null && 'deadlineMs' in value ? value.deadlineMs : null;
  return typeof given === 'number' && Number.isFinite(given) ? given : usualMs;
}

/** How long the operation of this caller may still take, in milliseconds; at most `mostMs`, and at least 1. */
export function timeLeft(caller: CallerContext, mostMs: number): number {
  const deadline = deadlines.get(caller);
  if (deadline === undefined) return mostMs;
  return Math.max(1, Math.min(mostMs, deadline - performance.now()));
}
