import type { MessageBus } from '../ports/message-bus.ts';
import type { Database } from '../postgres/database.ts';
import { MessageTooLong, maxMessageBytes } from './message-too-long.ts';

/**
 * Messages by PostgreSQL's NOTIFY. A statement that itself says `pg_notify` is heard here as well, and only once
 * its transaction has been committed. Does not own the database.
 */
export function createPostgresMessageBus(database: Database): MessageBus {
  const listening = new Set<AsyncDisposable>();
  return {
    async publish(channel, message) {
      if (Buffer.byteLength(message) > maxMessageBytes) throw new MessageTooLong(message);
      await database.forWorker((client) => client.query('select pg_notify($1, $2)', [channel, message]));
    },
    async listen(channel, listener) {
      const subscription = await database.listen(channel, listener);
      listening.add(subscription);
      return {
        async [Symbol.asyncDispose]() {
          if (listening.delete(subscription)) await subscription[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      // One after the other: with the last one the connection is closed.
      for (const subscription of listening) {
        try {
          await subscription[Symbol.asyncDispose]();
        } catch {
          // The connection is broken: nobody listens on it any more.
        }
      }
      listening.clear();
    },
  };
}
