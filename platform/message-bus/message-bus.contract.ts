import { describe, expect, it } from 'vitest';
import type { MessageBus } from '../ports/message-bus.ts';
import { eventually } from '../testing/eventually.ts';

/** A place where processes meet, for one test. */
export interface Meeting extends AsyncDisposable {
  /** The bus of one more process; disposed of with the meeting at the latest. */
  join(): Promise<MessageBus>;
  /** Breaks every connection off, such that it can be made again. */
  breakConnections(): Promise<void>;
}

/** What every message bus promises. */
export function describeMessageBus(name: string, meet: () => Promise<Meeting>): void {
  describe(`the message bus contract: ${name}`, () => {
    it('brings every message to every process that listens, in order, and to itself', async () => {
      await using meeting = await meet();
      const [one, two] = [await meeting.join(), await meeting.join()];
      const heard: (string | null)[][] = [[], [], []];
      await one.listen('news', (message) => heard[0]?.push(message));
      await two.listen('news', (message) => heard[1]?.push(message));
      await two.listen('other', (message) => heard[2]?.push(message));
      const sent = ['first', 'zweitens: ü', '', ...Array.from({ length: 50 }, (_, index) => `${index}`)];
      for (const message of sent) await one.publish('news', message);
      await eventually(() => heard[0]?.length === sent.length && heard[1]?.length === sent.length);
      expect(heard).toEqual([sent, sent, []]);
    });

    it('lets the same function listen twice, and stop once', async () => {
      await using meeting = await meet();
      const bus = await meeting.join();
      const heard: (string | null)[] = [];
      const listener = (message: string | null) => heard.push(message);
      const first = await bus.listen('news', listener);
      const second = await bus.listen('news', listener);
      await bus.publish('news', 'to both');
      await eventually(() => heard.length === 2);
      await first[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      await bus.publish('news', 'to one');
      await eventually(() => heard.length === 3);
      await second[Symbol.asyncDispose]();
      const last: (string | null)[] = [];
      await bus.listen('news', (message) => last.push(message));
      await bus.publish('news', 'to another');
      await eventually(() => last.length === 1);
      expect(heard).toEqual(['to both', 'to both', 'to one']);
    });

    it('goes on where a listener throws', async () => {
      await using meeting = await meet();
      const bus = await meeting.join();
      const heard: (string | null)[] = [];
      await bus.listen('news', () => {
        throw new Error('a listener of a test');
      });
      await bus.listen('news', (message) => heard.push(message));
      await bus.publish('news', 'one');
      await bus.publish('news', 'two');
      await eventually(() => heard.length === 2);
      expect(heard).toEqual(['one', 'two']);
    });

    it('refuses a message that is too long', async () => {
      await using meeting = await meet();
      const bus = await meeting.join();
      await expect(bus.publish('news', 'ü'.repeat(4_000))).rejects.toThrow(
        'A message has 8000 bytes; 7999 are allowed.',
      );
      const heard: (string | null)[] = [];
      await bus.listen('news', (message) => heard.push(message));
      await bus.publish('news', 'x'.repeat(7_999));
      await eventually(() => heard.length === 1);
    });

    it('says when messages may have been lost, and hears again', async () => {
      await using meeting = await meet();
      const bus = await meeting.join();
      const heard: (string | null)[] = [];
      await bus.listen('news', (message) => heard.push(message));
      await meeting.breakConnections();
      await eventually(() => heard.includes(null));
      const speaker = await meeting.join();
      await eventually(async () => {
        await speaker.publish('news', 'after');
        return heard.includes('after');
      });
      expect(heard.indexOf(null)).toBeLessThan(heard.indexOf('after'));
    });

    it('is silent once it is disposed of', async () => {
      await using meeting = await meet();
      const [one, two] = [await meeting.join(), await meeting.join()];
      const heard: (string | null)[] = [];
      const others: (string | null)[] = [];
      await one.listen('news', (message) => heard.push(message));
      await two.listen('news', (message) => others.push(message));
      await one[Symbol.asyncDispose]();
      await two.publish('news', 'late');
      await eventually(() => others.length === 1);
      expect(heard).toEqual([]);
    });
  });
}
