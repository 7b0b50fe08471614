// Starts the gateway and the three subgraphs as four processes on this machine, over the network, on one data
// folder: what `npm start` does in one process. A service that dies is started again.
//
// usage: node deploy/services.mjs        (after a build; the settings are those of docs/settings.md)
//
// The gateway listens on PORT (4000 by default), the services on the three ports behind it; with PORT=0 all
// four are picked freely.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const dist = new URL('../dist/', import.meta.url);

/** Free ports, all different: they are held open until all have been picked. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((done, fail) => {
          const server = createServer().once('error', fail);
          server.listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

const basePort = Number(process.env.PORT || 4000);
const ports = basePort === 0 ? await freePorts(4) : [0, 1, 2, 3].map((offset) => basePort + offset);
const [gatewayPort, ingestPort, retrievalPort, generationPort] = ports;
const host = '127.0.0.1';

const shared = {
  ...process.env,
  TRIBUTARY_GATEWAY_URL: `http://${host}:${gatewayPort}`,
  TRIBUTARY_INGEST_URL: `http://${host}:${ingestPort}`,
  TRIBUTARY_RETRIEVAL_URL: `http://${host}:${retrievalPort}`,
  TRIBUTARY_GENERATION_URL: `http://${host}:${generationPort}`,
};

const services = [
  { name: 'ingest', main: 'subgraphs/ingest/main.js', port: ingestPort },
  { name: 'retrieval', main: 'subgraphs/retrieval/main.js', port: retrievalPort },
  { name: 'generation', main: 'subgraphs/generation/main.js', port: generationPort },
  { name: 'gateway', main: 'gateway/main.js', port: gatewayPort },
];

const children = new Map();
let stopping = false;
let failures = 0;

function start(service) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(service.main, dist))], {
    env: {
      ...shared,
      PORT: String(service.port),
      HOST: service.name === 'gateway' ? (process.env.HOST ?? host) : host,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    // A Ctrl-C is for us alone: the services are told once, by us.
    detached: true,
  });
  children.set(service.name, child);
  console.log(`${service.name}: process ${child.pid} on port ${service.port}`);
  child.once('exit', (code, signal) => {
    children.delete(service.name);
    if (stopping) return;
    failures += 1;
    console.error(`${service.name}: ended with ${signal ?? code}`);
    // A service that never gets up would otherwise be started for ever.
    if (failures > 20) return stop(1);
    setTimeout(() => stopping || start(service), Math.min(100 * failures, 2000));
  });
}

async function untilReady({ port }) {
  for (;;) {
    const ready = await fetch(`http://${host}:${port}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready || stopping) return;
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Ends the services in order; asked for again, at once. */
function stop(code) {
  const running = [...children.values()];
  for (const child of running) child.kill('SIGTERM');
  if (stopping) return;
  stopping = true;
  let left = running.length;
  if (left === 0) process.exit(code);
  for (const child of running) child.once('exit', () => --left === 0 && process.exit(code));
}

process.on('SIGTERM', () => stop(0));
process.on('SIGINT', () => stop(0));

for (const service of services) start(service);
await Promise.all(services.map(untilReady));
if (!stopping) console.log(`GraphQL  http://${host}:${gatewayPort}/graphql`);
