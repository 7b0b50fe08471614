/** Which answer. */
export interface StreamedAnswer {
  readonly tenant: string;
  readonly answerId: string;
}

/** An event of an answer as its row in `answer_events` has it. */
export interface StreamedEvent {
  /** Its place in the answer's log, from 1 without a gap. */
  readonly sequence: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Brings the newest events of answers to readers in all processes, so that they need not be asked for in the
 * database. The database stays the truth: events come here when they are committed there, any of them may be
 * missing here at any time, and none stays for longer than three minutes behind the last one.
 */
export interface AnswerStreams extends AsyncDisposable {
  /**
   * Hands on events that are committed, in order. One that is there already, or that comes behind a later one,
   * changes nothing.
   *
   * @throws where it cannot be said whether all have arrived.
   */
  append(answer: StreamedAnswer, events: readonly StreamedEvent[]): Promise<void>;
  /**
   * Follows one answer until the returned thing is disposed of.
   *
   * @param onNews called with how far the events reach, or with infinity when some may have been missed.
   */
  follow(answer: StreamedAnswer, onNews: (sequence: number) => void): FollowedAnswer;
  /** Forgets what is held of an answer in this process, because it has changed in the database. */
  forget(answerId: string): void;
  /**
   * Removes the events of answers, and takes none of theirs any more.
   *
   * @returns for each, whether there were any.
   * @throws TributaryError `UPSTREAM`.
   */
  purge(answers: readonly StreamedAnswer[]): Promise<readonly boolean[]>;
  /** Removes the events of all answers of a tenant, and returns of how many. @throws TributaryError `UPSTREAM`. */
  purgeTenant(tenant: string): Promise<number>;
  /** What is wrong at present, for people; null where nothing is. */
  degraded(): string | null;
}

/** An answer that is followed. */
export interface FollowedAnswer extends Disposable {
  /** Whether new events can be expected to come by here. */
  readonly isLive: boolean;
  /** The events behind a sequence, in order and without a gap, as far as they are at hand; none says nothing. */
  after(sequence: number): readonly StreamedEvent[];
}
