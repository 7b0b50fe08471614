import { z } from 'zod';
import type { TributaryClient } from './client.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { type Finding, ok, problem } from './finding.ts';
import { DoctorOperation } from './operations.generated.ts';
import { count } from './render.ts';

const Readiness = z.object({
  ready: z.boolean(),
  services: z.array(
    z.object({
      name: z.string(),
      checks: z.array(z.object({ name: z.string(), healthy: z.boolean(), detail: z.string().optional() })),
    }),
  ),
});

const timeoutMs = 10_000;

/** Whether a server answers at the client's address, what it can reach, and whether it knows the caller. */
export async function inspectServer(client: TributaryClient): Promise<Finding[]> {
  try {
    const response = await client.fetch('health', { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) {
      return [
        problem(
          'server',
          `${client.url} answers /health with status ${response.status}.`,
          'Check --url: it may be another program.',
        ),
      ];
    }
  } catch (error) {
    const isUnreachable = error instanceof CommandFailure && error.exitCode === exitCodes.unreachable;
    return [
      problem(
        'server',
        isUnreachable ? `Nothing answers at ${client.url}.` : `${client.url} does not answer in time.`,
        'Start it with `npm start`, or say where it is by --url or TRIBUTARY_URL.',
      ),
    ];
  }
  return [
    ok('server', `answers at ${client.url}`),
    ...(await inspectServices(client)),
    await inspectAccess(client),
  ];
}

async function inspectServices(client: TributaryClient): Promise<Finding[]> {
  try {
    const response = await client.fetch('ready', { signal: AbortSignal.timeout(timeoutMs) });
    const { services } = Readiness.parse(await response.json());
    return services.flatMap(({ name, checks }) =>
      checks.map((check) =>
        check.healthy
          ? ok(`${name}: ${check.name}`, check.detail ?? 'reachable')
          : problem(
              `${name}: ${check.name}`,
              check.detail ?? 'not reachable',
              'See the server’s own log on its standard error.',
            ),
      ),
    );
  } catch {
    return [problem('services', `${client.url}/ready does not say how they are.`, 'Check --url.')];
  }
}

async function inspectAccess(client: TributaryClient): Promise<Finding> {
  try {
    const { documents } = await client.execute(DoctorOperation, {}, AbortSignal.timeout(timeoutMs));
    return ok('access', `${count(documents.totalCount, 'document')} can be read`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return error instanceof CommandFailure && error.exitCode === exitCodes.denied
      ? problem('access', message, 'Give a key by --token or TRIBUTARY_TOKEN.')
      : problem('access', message, 'See the server’s own log on its standard error.');
  }
}
