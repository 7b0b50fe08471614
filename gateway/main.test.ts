import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Runs the gateway as a process of its own. */
async function start(environment: Record<string, string>) {
  const data = await mkdtemp(join(tmpdir(), 'gateway-'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./main.ts', import.meta.url))],
    {
      env: { PATH: process.env.PATH, TRIBUTARY_DATA: data, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  });
  let output = '';
  child.stderr.on('data', (part: Buffer) => {
    output += String(part);
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const url = new Promise<string>((resolve) => {
    child.stdout.on('data', (part: Buffer) => {
      const found = /http:\S+(?=\/graphql)/.exec(String(part));
      if (found) resolve(found[0]);
    });
  });
  return { child, url, exited, errors: () => output };
}

describe('the gateway as a process', () => {
  it('serves the project’s own supergraph, and ends at SIGTERM though a client is connected', async () => {
    const { child, url, exited } = await start({ PORT: '0' });
    const response = await fetch(`${await url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __type(name: "Chunk") { name } }' }),
    });
    expect(await response.json()).toEqual({ data: { __type: { name: 'Chunk' } } });
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });

  it('ends with 1 and one sentence when its port is in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      taken.close();
    });
    const { port } = taken.address() as AddressInfo;
    const { exited, errors } = await start({ PORT: String(port) });
    expect(await exited).toBe(1);
    expect(errors()).toBe(
      `gateway: Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another port with PORT.\n`,
    );
  });

  it('ends with 2 when it would let everyone in from everywhere', async () => {
    const { exited, errors } = await start({ PORT: '0', HOST: '0.0.0.0' });
    expect(await exited).toBe(2);
    expect(errors()).toContain('set TRIBUTARY_API_KEYS or TRIBUTARY_JWKS_URL, or listen on 127.0.0.1');
  });
});
