import { inspectEnvironment } from './inspect-manifests.ts';

export interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly unknown[];
  readonly read_only?: boolean;
  readonly user?: string;
  readonly security_opt?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string } } };
  readonly restart?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
}

/** Hosts that are named in addresses, such as `redis` in `redis://:password@redis:6379/0`. */
const hostsIn = (text: string): string[] =>
  [...text.matchAll(/[a-z0-9+]+:\/\/(?:[^@/\s]*@)?([a-z0-9.-]+)(?::\d+)/g)].map(([, host = '']) => host);

/**
 * What is wrong with a loaded compose file: settings that there are not, addresses of services that there are not,
 * services that may more than they need, that nobody looks after, or that are reached past the gateway.
 *
 * @returns one line each.
 */
export function inspectCompose({ services }: ComposeFile): string[] {
  const problems: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    const wrong = (problem: string) => problems.push(`${name}: ${problem}`);
    const variables = Object.entries(service.environment ?? {});
    for (const [variable, value] of variables) {
      for (const host of hostsIn(value ?? '')) {
        const isOurs = host in services || host === 'localhost' || host.includes('.');
        if (!isOurs) wrong(`${variable} names ${host}, and there is no such service.`);
      }
    }
    const isOurs = service.image?.startsWith('tributary') === true;
    if (isOurs) {
      // Compose has no secrets but in files and variables: that they are given is no mistake here.
      const given = variables.map(([variable, value]) => ({ name: variable, value: value ?? '' }));
      for (const problem of inspectEnvironment(given)) {
        if (!problem.includes('its value stands in the manifest')) wrong(problem);
      }
    }
    if (service.read_only !== true) wrong('may write to its root file system.');
    if (!service.user || /^(0|root)(:|$)/.test(service.user))
      wrong('runs as root, or as whom its image says.');
    if (!service.security_opt?.includes('no-new-privileges:true')) wrong('may gain privileges.');
    if (!service.cap_drop?.includes('ALL')) wrong('keeps capabilities.');
    if (!service.deploy?.resources?.limits?.memory) wrong('has no limit of memory.');
    const endsByItself = service.restart === 'no' || service.restart === 'on-failure';
    if (!endsByItself && (!service.healthcheck?.test || service.healthcheck.disable))
      wrong('has no health check.');
    if ((service.ports ?? []).length > 0 && name !== 'gateway')
      wrong('is published, and only the gateway may be.');
    if (name !== 'gateway' && service.networks && 'outside' in service.networks && !isOurs) {
      wrong('is on the network that reaches outside.');
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const ends = services[other]?.restart === 'on-failure' || services[other]?.restart === 'no';
      const wanted = ends ? 'service_completed_successfully' : 'service_healthy';
      if (condition !== wanted) wrong(`waits for ${other} as ${condition}; wanted: ${wanted}.`);
    }
  }
  return problems;
}
