import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll } from 'vitest';
import { openLanceDbVectorStore } from './lancedb-vector-store.ts';
import { describeVectorStore } from './vector-store.contract.ts';

const directories: string[] = [];
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));
const logger = pino({ level: 'silent' });

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-vectors-'));
  directories.push(directory);
  return directory;
}

const open = async () => openLanceDbVectorStore({ directory: await freshDirectory(), logger });
// Indexes that a big collection has, made at once, so that small data meets them too.
const tuning = {
  scalarIndexRows: 1,
  vectorIndexRows: 100_000,
  optimizeAfterWrites: 3,
  optimizeAfterRows: 10,
};
const openIndexed = async () => openLanceDbVectorStore({ directory: await freshDirectory(), logger, tuning });
const reopen = () => openLanceDbVectorStore({ directory: directories.at(-1) ?? '', logger });

describeVectorStore('LanceDB', open, reopen);
describeVectorStore('LanceDB with indexed columns', openIndexed);
