import { installServers, serverNames } from './install-servers.ts';

/** Installs the servers that the cluster's tests and `npm run cluster` need: what `npm run servers` runs. */
try {
  const programs = await installServers(serverNames, (line) => console.log(line));
  for (const [name, program] of Object.entries(programs)) console.log(`${name}: ${program}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
