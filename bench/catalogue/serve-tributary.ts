import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { serveSupergraph } from '../../gateway/serve-supergraph.ts';
import { createLogger } from '../../platform/logger.ts';
import { serveChild } from '../harness/child.ts';

/** Serves a supergraph by our gateway, subgraphs over the network: what `tributary gateway --supergraph` does. */
serveChild(async (input) => {
  const { supergraph } = z.object({ supergraph: z.string() }).parse(input);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraph);
  const { url } = await serveSupergraph({
    supergraph: file,
    port: 0,
    logger: createLogger('bench', 'error'),
  });
  await rm(folder, { recursive: true });
  return { ready: `${url}/graphql` };
});
