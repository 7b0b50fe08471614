import { ConfigError } from '../../platform/config/config.ts';
import { installServers } from '../../platform/servers/install-servers.ts';
import { parseArguments, UsageError, usage } from './parse-arguments.ts';
import { AlreadyRunningError } from './process-ledger.ts';
import { startCluster, startStoresOnly } from './start-cluster.ts';
import type { Stores } from './start-stores.ts';

/** The whole cluster on one machine, as processes: what `npm run cluster` runs. */

const tell = (line: string) => console.log(line);

const addressesOf = ({ postgres, milvus, redis, s3 }: Stores): string[] => [
  `PostgreSQL    ${postgres.url}`,
  `Milvus        ${milvus.url}`,
  `Redis         ${redis.url}`,
  `Object store  ${s3.url}  (bucket ${s3.bucket}, key ${s3.accessKeyId}, secret ${s3.secretAccessKey})`,
];

async function run(): Promise<AsyncDisposable | null> {
  const { help, onlyStores, vectors, ...wanted } = parseArguments(process.argv.slice(2), process.env);
  if (help) {
    tell(usage);
    return null;
  }
  await installServers(['postgres', vectors === 'lite' ? 'milvus-lite' : 'milvus', 'redis', 's3'], tell);
  if (onlyStores) {
    const started = await startStoresOnly({ ...wanted, vectors, tell });
    tell(addressesOf(started.stores).join('\n'));
    tell('\nSettings for a service that is started by itself:');
    for (const [name, value] of Object.entries(started.settings)) tell(`  export ${name}='${value}'`);
    return started;
  }
  const cluster = await startCluster({
    ...wanted,
    ...{ vectors, tell },
    onOutput: (bytes) => void process.stderr.write(bytes),
  });
  tell(addressesOf(cluster.stores).join('\n'));
  if (vectors === 'milvus')
    tell('Milvus 2.3.5 cannot search by words; coverage says so. For both: --vectors lite');
  tell(`Data          ${wanted.dataDirectory}`);
  tell(`GraphQL  ${cluster.url}/graphql`);
  return cluster;
}

const starting = run();
let stopping = false;
async function stop(code: number): Promise<never> {
  // Asked for again, it ends at once; what it started ends with it.
  if (stopping) process.exit(1);
  stopping = true;
  try {
    await (await starting)?.[Symbol.asyncDispose]();
  } catch {
    // It did not start, which has been said.
  }
  process.exit(code);
}
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));

try {
  await starting;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  const isMistake =
    error instanceof UsageError || error instanceof ConfigError || error instanceof AlreadyRunningError;
  process.exit(isMistake ? 2 : 1);
}
