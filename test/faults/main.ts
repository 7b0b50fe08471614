import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cluster, type ClusterOptions, startCluster } from '../../deploy/cluster/start-cluster.ts';
import type { VectorServer } from '../../deploy/cluster/start-stores.ts';
import { projectFile } from '../../platform/project-file.ts';
import { type Proxies, portsOf, runBadStores, startProxies } from './bad-stores.ts';
import { runDeletion } from './deletion.ts';
import { runEncoders } from './encoders.ts';
import { killSettings, runKills } from './kills.ts';
import { makeSecondEncoder } from './second-encoder.ts';

/** `npm run faults -- <campaign>`: a campaign in its long form; prints its figures and writes them as JSON. */

interface Campaign {
  readonly about: string;
  readonly cluster: Partial<ClusterOptions>;
  /** Makes what must be there before the cluster is started, in a folder. @returns further settings. */
  readonly prepare?: (directory: string) => Promise<Readonly<Record<string, string>>>;
  readonly run: (
    cluster: Cluster,
    numbers: { readonly seed: number; readonly rounds: number; readonly documents: number },
    tell: (line: string) => void,
  ) => Promise<{ readonly faults: readonly string[] }>;
  readonly rounds: number;
  readonly documents: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    documents: { type: 'string' },
    seed: { type: 'string', default: '20261123' },
    vectors: { type: 'string', default: 'lite' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
let proxies: Proxies | undefined;

const campaigns: Readonly<Record<string, Campaign>> = {
  kills: {
    about: 'kill -9 of services and stores at random moments',
    cluster: { workers: 2, settings: killSettings },
    run: (cluster, numbers, tell) => runKills(cluster, { ...numbers, tell }),
    rounds: 500,
    documents: 5000,
  },
  deletion: {
    about: 'documents deleted under load',
    cluster: { workers: 1 },
    run: (cluster, numbers, tell) => runDeletion(cluster, { ...numbers, watched: 100, tell }),
    rounds: 1,
    documents: 10_000,
  },
  'bad-stores': {
    about: 'each store slow, silent, garbled and cut, in each direction',
    cluster: {
      between: async (ports) => {
        proxies = await startProxies(ports, seed);
        return portsOf(proxies);
      },
    },
    run: (cluster, { documents }, tell) => {
      if (proxies === undefined) throw new Error('there are no proxies');
      return runBadStores(cluster, proxies, { seed, documents, badMs: 10_000, allowanceMs: 100, tell });
    },
    rounds: 1,
    documents: 200,
  },
  encoders: {
    about: 'a migration to another encoder under searches, writes and killed workers (one a round)',
    cluster: { workers: 2, retrievals: 2 },
    prepare: async (folder) => ({
      ...killSettings,
      ...(await makeSecondEncoder(join(folder, 'second-encoder'))),
    }),
    run: (cluster, { seed: number, rounds: kills, documents }, tell) =>
      runEncoders(cluster, { seed: number, documents, kills, finish: true, tell }),
    rounds: 5,
    documents: 2000,
  },
};

const usage = `usage: npm run faults -- <${Object.keys(campaigns).join('|')}> [--rounds N] [--documents N] [--seed S]
                         [--vectors lite|milvus] [--out FILE] [--keep]`;

const [name = ''] = positionals;
const campaign = campaigns[name];
if (campaign === undefined || !['lite', 'milvus'].includes(values.vectors)) {
  console.error(usage);
  process.exit(2);
}
const rounds = Number(values.rounds ?? campaign.rounds);
const documents = Number(values.documents ?? campaign.documents);
const directory = join(process.env.TRIBUTARY_DATA ?? projectFile('data'), `faults-${name}-${seed}`);
const out = values.out ?? join(directory, '..', `faults-${name}.json`);
const begunAt = Date.now();
const tell = (line: string) =>
  console.log(`${((Date.now() - begunAt) / 1000).toFixed(0).padStart(6)} s  ${line}`);

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
tell(`${name}: ${campaign.about}; ${rounds} rounds, ${documents} documents, seed ${seed}`);
const prepared = await campaign.prepare?.(directory);
let log = '';
const cluster = await startCluster({
  dataDirectory: directory,
  port: 0,
  vectors: values.vectors as VectorServer,
  ...campaign.cluster,
  ...(prepared && { settings: { ...campaign.cluster.settings, ...prepared } }),
  onOutput: (bytes) => {
    log = (log + bytes.toString()).slice(-1_000_000);
  },
});
let figures: { readonly faults: readonly string[] };
try {
  figures = await campaign.run(cluster, { seed, rounds, documents }, tell);
} finally {
  await cluster[Symbol.asyncDispose]();
  await writeFile(`${out}.log`, log);
}
await writeFile(out, `${JSON.stringify({ campaign: name, vectors: values.vectors, ...figures }, null, 2)}\n`);
console.log(`\n| what | figure |\n|---|---|`);
for (const [what, figure] of Object.entries(figures)) {
  if (what !== 'faults')
    console.log(`| ${what} | ${typeof figure === 'object' ? JSON.stringify(figure) : figure} |`);
}
console.log(`| faults | ${figures.faults.length} |`);
for (const fault of figures.faults.slice(0, 50)) console.error(fault);
if (!values.keep && figures.faults.length === 0) await rm(directory, { recursive: true, force: true });
process.exit(figures.faults.length === 0 ? 0 : 1);
