import { randomUUID } from 'node:crypto';
import { busy, denied, notFound, rejected } from '../../../platform/errors.ts';
import { hasScope, type Identity, type Scope } from '../../../platform/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { AnswerEventModel, AnswerModel } from '../models.ts';
import { type AskDefaults, parseAsk } from '../parse-ask.ts';
import type { AskInput } from '../schema.generated.ts';
import type { AnswerEvent } from '../types.ts';
import type { AnswerLog } from './answer-log.ts';
import type { AnswerRunner } from './answer-runner.ts';
import type { AnswerStore } from './answer-store.ts';
import { decodeCursor } from './cursor.ts';

export interface AnswerServiceParts {
  readonly store: AnswerStore;
  readonly log: AnswerLog;
  readonly runner: AnswerRunner;
  readonly clock: Clock;
  readonly defaults: AskDefaults;
  /** The name of the model that writes answers; null where there is none. */
  readonly model: string | null;
  readonly leaseSeconds: number;
  readonly graceSeconds: number;
}

/** How long `stop` waits for the answer's last event, in milliseconds. */
const stopWaitMs = 10_000;

/** What callers can do with answers. */
export class AnswerService {
  readonly #parts: AnswerServiceParts;
  /** When reading an answer was last noted as listening to it, in milliseconds since the epoch, by id. */
  readonly #noted = new Map<string, number>();

  constructor(parts: AnswerServiceParts) {
    this.#parts = parts;
  }

  /**
   * Begins an answer, and resolves once it has begun.
   *
   * @throws TributaryError `REJECTED_INPUT`, `DENIED`, or `BUSY` with reason `QUEUE_FULL`.
   */
  async ask(identity: Identity, input: AskInput): Promise<AnswerModel> {
    requireScope(identity, 'answers:write');
    const { store, runner, defaults, model, leaseSeconds } = this.#parts;
    const { question, continues, idempotencyKey } = parseAsk(identity, input, defaults);
    if (!runner.hasRoom) {
      throw busy(
        'QUEUE_FULL',
        'Too many answers are being made at present. Ask again in a few seconds.',
        2_000,
      );
    }
    const leaseId = randomUUID();
    const name = question.style === 'GENERATED' && model !== null ? model : 'extractive';
    const { row, isNew } = await store.begin({
      question,
      model: name,
      continues,
      idempotencyKey,
      leaseId,
      leaseSeconds,
    });
    if (isNew) {
      const started: AnswerEvent = { kind: 'AnswerStarted', model: name, style: question.style };
      runner.start({
        leaseId,
        question,
        context: null,
        lastSequence: 1,
        events: [{ ...started, sequence: 1 }],
        stopReason: null,
        attempts: 1,
        createdAt: row.createdAt,
      });
    }
    return row;
  }

  /**
   * Every event of an answer behind a cursor: of the one that `input` begins, or of the one with this `id`.
   * Leaving the loop does not stop the answer.
   *
   * @throws TributaryError `REJECTED_INPUT`, `DENIED`, `NOT_FOUND` or `BUSY`, before the first event.
   */
  async *follow(
    identity: Identity,
    request: { readonly input: AskInput | null; readonly id: string | null; readonly after: string | null },
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEventModel, void, undefined> {
    const { log, runner } = this.#parts;
    const row = await this.#find(identity, request, signal);
    const after = request.after === null ? 0 : this.#sequenceOf(request.after, row);
    const listening = runner.listen(row.tenant, row.id);
    try {
      for await (const event of log.follow(row.tenant, row.id, after, signal)) {
        yield { ...event, answerId: row.id };
      }
    } finally {
      await listening[Symbol.asyncDispose]();
    }
  }

  async #find(
    identity: Identity,
    { input, id }: { readonly input: AskInput | null; readonly id: string | null },
    signal: AbortSignal,
  ): Promise<AnswerModel> {
    if ((input === null) === (id === null)) {
      throw rejected(
        'INPUT_OR_ID',
        'Give exactly one of `input`, to begin an answer, and `id`, to go on with one.',
        { field: input === null ? 'input' : 'id' },
      );
    }
    if (input) return this.ask(identity, input);
    requireScope(identity, 'answers:read');
    const [row] = isId('ans', id ?? '')
      ? await this.#parts.store.find(identity.tenant, [id ?? ''], signal)
      : [];
    if (!row) throw notFound('There is no answer with this id that you may read.');
    return row;
  }

  #sequenceOf(cursor: string, row: AnswerModel): number {
    const { answerId, sequence } = decodeCursor(cursor);
    if (answerId === row.id && sequence <= row.lastSequence) return sequence;
    throw rejected(
      'INVALID_CURSOR',
      'The cursor belongs to another answer. Pass `cursor` of the last event of this answer that arrived, or leave it out to get every event.',
      { field: 'after' },
    );
  }

  /**
   * Stops an answer, wherever it is being made, and waits until it has stopped. One that has ended stays as
   * it is.
   *
   * @returns null where the tenant has no such answer.
   */
  async stop(identity: Identity, id: string, signal: AbortSignal): Promise<AnswerModel | null> {
    requireScope(identity, 'answers:write');
    const { store, log } = this.#parts;
    const [row] = isId('ans', id) ? await store.find(identity.tenant, [id]) : [];
    if (!row) return null;
    if (row.state !== 'RUNNING') return row;
    await store.requestStop(identity.tenant, row.id, 'It was stopped by its caller.');
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(stopWaitMs)]);
    for await (const _ of log.follow(row.tenant, row.id, row.lastSequence, waiting)) {
      // Until the last event.
    }
    const [stopped] = await store.find(identity.tenant, [id]);
    return stopped ?? null;
  }

  /** Somebody has asked for an answer by its id: that is listening, too. */
  async noteRead({ tenant, id, state }: AnswerModel): Promise<void> {
    if (state !== 'RUNNING') {
      this.#noted.delete(id);
      return;
    }
    const { clock, graceSeconds, store } = this.#parts;
    const now = clock.now();
    if (now - (this.#noted.get(id) ?? Number.NEGATIVE_INFINITY) < (graceSeconds * 1000) / 4) return;
    if (this.#noted.size > 10_000) this.#noted.clear();
    this.#noted.set(id, now);
    await store.heard([{ tenant, id }]);
  }
}

/** @throws TributaryError `DENIED`, with the scope that is needed. */
export function requireScope(identity: Identity, scope: Scope): void {
  if (!hasScope(identity, scope))
    throw denied(`This needs the scope \`${scope}\`, which the caller has not.`, 'MISSING_SCOPE');
}
