import { afterAll, beforeAll, describe } from 'vitest';
import { describeMedia } from './describe-media.ts';
import { type System, startSystem } from './system.ts';

describe('pictures and tables, on the full server of Milvus 2.3.5', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem('dist/deploy/cluster/main.js --vectors milvus', {
      TRIBUTARY_ANSWER_STYLE: 'extractive',
    });
  }, 180_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  describeMedia(() => system);
});
