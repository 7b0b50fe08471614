import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { projectFile } from '../../platform/project-file.ts';

const figure = z.object({ value: z.number().positive(), unit: z.string(), from: z.string() });
export type SizingFigure = z.infer<typeof figure>;

/** What a size is computed from: each figure with its unit and where it comes from. */
export const figuresSchema = z.object({
  measured: z.object({
    encodeSecondsPerPassage: figure,
    retrievalSecondsPerSearch: figure,
    gatewaySecondsPerRequest: figure,
    databaseBytesPerChunk: figure,
    databaseBytesPerDocument: figure,
  }),
  counted: z.object({
    bytesOfVector: figure,
    bytesOfFields: figure,
    bytesOfIvfFlat: figure,
    bytesOfIvfPq: figure,
    bytesOfHnsw: figure,
  }),
  assumed: z.object({
    ivfPqFrom: figure,
    chunksPerDocument: figure,
    blobBytesPerChunk: figure,
    replicas: figure,
    daysToIngest: figure,
    usable: figure,
    databaseHeadroom: figure,
    objectCopies: figure,
  }),
  nodes: z.object({
    general: z.object({ cores: z.number(), memoryGiB: z.number() }),
    memory: z.object({ cores: z.number(), memoryGiB: z.number() }),
  }),
  /** US dollars. */
  prices: z.object({
    date: z.string(),
    note: z.string(),
    generalNodeHour: z.number(),
    memoryNodeHour: z.number(),
    diskGiBMonth: z.number(),
    objectGiBMonth: z.number(),
    /** How many general nodes' price a managed PostgreSQL with a standby costs. */
    databaseFactor: z.number(),
  }),
  scales: z.array(z.object({ name: z.string(), vectors: z.number().int(), searchesPerSecond: z.number() })),
});
export type Figures = z.infer<typeof figuresSchema>;

/** @throws ZodError where `figures.json` is not as it must be. */
export async function readFigures(): Promise<Figures> {
  const text = await readFile(projectFile('deploy/sizing/figures.json'), 'utf8');
  return figuresSchema.parse(JSON.parse(text));
}
