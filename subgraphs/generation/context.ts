import DataLoader from 'dataloader';
import type { OperationContext } from '../../platform/subgraph.ts';
import type { AnswerLog } from './answers/answer-log.ts';
import type { AnswerStore } from './answers/answer-store.ts';
import type { AnswerModel } from './models.ts';
import { type Said, said } from './types.ts';

/** What the resolvers of one operation share. Loaders batch, but remember nothing: an answer grows. */
export interface GenerationContext extends OperationContext {
  /** Answers by id; null where the tenant has none. */
  readonly answers: DataLoader<string, AnswerModel | null>;
  /** What answers have said so far, by id. */
  readonly said: DataLoader<string, Said>;
}

/** The context of one operation. */
export function createContext(
  operation: OperationContext,
  { store, log }: { readonly store: AnswerStore; readonly log: AnswerLog },
): GenerationContext {
  const { tenant } = operation.identity;
  return {
    ...operation,
    answers: new DataLoader(
      async (ids) => {
        const rows = await store.find(tenant, ids, operation.signal);
        const byId = new Map<string, AnswerModel>(rows.map((row) => [row.id, row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false },
    ),
    said: new DataLoader(
      async (ids) => {
        const events = await log.readWhole(tenant, ids);
        return ids.map((id) => said(events.get(id) ?? []));
      },
      { cache: false },
    ),
  };
}
