import type { Clock } from '../../../platform/ports/clock.ts';
import type { Metrics } from '../../../platform/ports/metrics.ts';
import type { AnswerEvent } from '../types.ts';
import type { Leased } from './answer-lease.ts';

/** Is told of the events that an answer under a lease was given. */
export type AppendListener = (events: readonly AnswerEvent[], leased: Leased) => void;

/** Counts the events of answers, and notes how long each answer's first piece took from its question. */
export function measureAnswers(metrics: Metrics, clock: Clock): AppendListener {
  const begun = new WeakSet<Leased>();
  return (events, leased) => {
    for (const { kind } of events) metrics.add('tributary_answer_events_total', { kind });
    if (begun.has(leased) || !events.some(({ kind }) => kind === 'TokenDelta')) return;
    begun.add(leased);
    // One that was taken over from another process had its first piece there.
    if (leased.events.some(({ kind }) => kind === 'TokenDelta')) return;
    const seconds = Math.max(0, clock.now() - leased.createdAt.getTime()) / 1000;
    metrics.observe('tributary_answer_first_token_seconds', {}, seconds);
  };
}
