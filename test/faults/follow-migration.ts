import { setTimeout as delay } from 'node:timers/promises';
import type { Migration } from './encoder-operations.ts';

interface Event {
  readonly sequence: number;
  readonly migration: Migration;
}

const subscription = /* GraphQL */ `
  subscription ($id: ID!, $after: Int) {
    encoderMigrationProgress(id: $id, after: $after) {
      sequence
      migration { id state source target passagesTotal passagesEncoded passagesPresent vectorsRemoved failures }
    }
  }
`;

/** Follows a migration by subscription, and comes back with the last number where a stream is broken off. */
export interface FollowedMigration extends AsyncDisposable {
  /** How many events there were so far. */
  readonly events: number;
  /** What was wrong with them. */
  readonly faults: readonly string[];
  /** The migration, as soon as an event has said that it is in this state. */
  reached(state: string): Promise<Migration>;
}

/** Begins to follow a migration from its first event on. */
export function followMigration(url: string, id: string, limitMs: number): FollowedMigration {
  const stopping = new AbortController();
  const seen: Event[] = [];
  const faults: string[] = [];

  function take(line: string): void {
    if (!line.startsWith('data:') || line.trim() === 'data:') return;
    const { data } = JSON.parse(line.slice('data:'.length)) as {
      data?: { encoderMigrationProgress?: Event } | null;
    };
    const event = data?.encoderMigrationProgress;
    if (!event) {
      faults.push(`an event of the migration cannot be read: ${line.slice(0, 300)}`);
      return;
    }
    if (event.sequence !== seen.length + 1) {
      faults.push(`event ${event.sequence} of the migration came after event ${seen.length}`);
    }
    const before = seen.at(-1)?.migration.passagesEncoded ?? 0;
    if (event.migration.passagesEncoded < before) faults.push('the progress of the migration went back');
    seen.push(event);
  }

  async function follow(): Promise<void> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: subscription, variables: { id, after: seen.at(-1)?.sequence ?? 0 } }),
      signal: stopping.signal,
    });
    if (response.body === null) return;
    let rest = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    }
  }

  const following = (async () => {
    while (!stopping.signal.aborted) {
      // Broken off: what is still to come is asked for again.
      await follow().catch(() => undefined);
      await delay(200, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  return {
    get events() {
      return seen.length;
    },
    faults,
    async reached(state) {
      const deadline = Date.now() + limitMs;
      for (;;) {
        const event = seen.find(({ migration }) => migration.state === state);
        if (event !== undefined) return event.migration;
        if (Date.now() > deadline) {
          throw new Error(`the migration is not ${state}, its last event is ${JSON.stringify(seen.at(-1))}`);
        }
        await delay(50);
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await following;
    },
  };
}
