import type { CreateBusDriverResult } from 'bentocache/types';
import { z } from 'zod';
import type { MessageBus } from '../ports/message-bus.ts';

const channel = 'cache';

const messageSchema = z.object({ sender: z.string(), payload: z.unknown() });

/**
 * bentocache's bus on ours: its own opens two more connections to Redis, and one that cannot be opened ends the
 * process. What is lost on the way only stays in memory for longer; nobody can ask for it.
 */
export function createBentoBusDriver(bus: MessageBus): CreateBusDriverResult {
  return {
    // Nothing is told twice: whoever missed it drops it by its age.
    options: { retryQueue: { enabled: false } },
    factory: () => {
      let sender = '';
      let listening: Promise<AsyncDisposable> | undefined;
      const stop = async () => (await listening?.catch(() => undefined))?.[Symbol.asyncDispose]();
      const driver: ReturnType<CreateBusDriverResult['factory']> = {
        setId(id) {
          sender = id;
          return driver;
        },
        onReconnect: () => {},
        async publish(_channel, payload) {
          await bus.publish(channel, JSON.stringify({ sender, payload })).catch(() => undefined);
        },
        async subscribe(_channel, handler) {
          listening = bus.listen(channel, (message) => {
            const read = messageSchema.safeParse(parseJson(message));
            // The payload is bentocache's own.
            if (read.success && read.data.sender !== sender) handler(read.data.payload as never);
          });
          // The bus listens as soon as it can; until then nothing is missed that matters.
          await listening.catch(() => undefined);
        },
        unsubscribe: stop,
        disconnect: stop,
      };
      return driver;
    },
  };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
