import { parentPort, workerData } from 'node:worker_threads';
import { openTextModels, type TextModels } from './open-text-models.ts';
import { readPicture } from './read-picture.ts';
import type {
  FromTextReading,
  TextReadingOptions,
  TextReadingRequest,
  ToTextReading,
} from './text-reading-messages.ts';

/** The thread that reads text in pictures: the runtime computes on the thread that calls it, for seconds a page. */

const options = workerData as TextReadingOptions;
const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const send = (message: FromTextReading) => port.postMessage(message);
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function start(port: NonNullable<typeof parentPort>): Promise<void> {
  const models = await openTextModels(options);
  const cancelled = new Set<number>();
  /** Pictures are read one behind the other. */
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToTextReading) => {
    if (message.kind === 'cancel') cancelled.add(message.id);
    else if (message.kind === 'read') last = last.then(() => read(message, models, cancelled));
    else last = last.then(() => models.release()).finally(() => port.close());
  });
  const { executionProvider, refused } = models;
  send({ kind: 'ready', executionProvider, refused });
}

async function read(
  { id, width, height, data }: TextReadingRequest,
  models: TextModels,
  cancelled: Set<number>,
): Promise<void> {
  const isWanted = () => !cancelled.has(id);
  try {
    if (!isWanted()) return;
    const lines = await readPicture({ width, height, data }, models, options.characters, isWanted);
    if (lines !== null) send({ kind: 'lines', id, lines });
  } catch (error) {
    send({ kind: 'refused', id, message: messageOf(error) });
  } finally {
    cancelled.delete(id);
  }
}

start(port).catch((error: unknown) => {
  send({ kind: 'failed', message: messageOf(error) });
  port.close();
});
