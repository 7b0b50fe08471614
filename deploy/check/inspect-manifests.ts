import { readConfig } from '../../platform/config/config.ts';
import { settings } from '../../platform/config/settings.ts';
import type { Manifest } from './render-chart.ts';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly privileged?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: readonly Record<string, unknown>[];
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type?: string };
  };
}

/** The pod that a manifest makes, where it makes one. */
function podOf(manifest: Manifest): PodSpec | null {
  if (manifest.kind === 'Pod') return manifest.spec as unknown as PodSpec;
  if (!['Deployment', 'StatefulSet', 'Job', 'DaemonSet', 'CronJob'].includes(manifest.kind)) return null;
  return (manifest.spec as { template: { spec: PodSpec } }).template.spec;
}

/** What stands for a secret, which is not here: anything that the setting allows. */
const standIns: Readonly<Record<string, string>> = {
  TRIBUTARY_INTERNAL_SECRET: 'x'.repeat(32),
  TRIBUTARY_DATABASE_URL: 'postgres://user@host/tributary',
  TRIBUTARY_DATABASE_REPLICA_URL: 'postgres://user@host/tributary',
  TRIBUTARY_DATABASE_MIGRATION_URL: 'postgres://owner@host/tributary',
  TRIBUTARY_REDIS_URL: 'rediss://host:6379',
};

const secretVariables = new Set<string>(
  Object.values(settings)
    .filter(({ secret }) => secret)
    .map(({ variable }) => variable),
);

/** What is wrong with a container's environment: no such setting, a value that is not allowed, a secret in the open. */
export function inspectEnvironment(variables: readonly Variable[]): string[] {
  const problems: string[] = [];
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of variables) {
    if (name in environment) problems.push(`${name} is set twice.`);
    const isPath = name === 'TRIBUTARY_API_KEYS' && value?.startsWith('@/') === true;
    if (value !== undefined && secretVariables.has(name) && !isPath) {
      problems.push(`${name} is a secret, and its value stands in the manifest.`);
    }
    if (value !== undefined && /PASSWORD|SECRET_KEY|ACCESS_KEY$/.test(name)) {
      problems.push(`${name} looks like a secret, and its value stands in the manifest.`);
    }
    if (value === undefined && !valueFrom?.secretKeyRef?.key) problems.push(`${name} has no value.`);
    environment[name] = value ?? standIns[name] ?? 'from-a-secret';
  }
  try {
    const ours = Object.entries(environment).filter(([name]) => /^(TRIBUTARY_|PORT$|HOST$)/.test(name));
    readConfig(Object.fromEntries(ours));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return problems;
}

function inspectContainer(container: Container): string[] {
  const problems: string[] = [];
  const { securityContext: context, resources, image } = container;
  if (context?.allowPrivilegeEscalation !== false) problems.push('may escalate its privileges');
  if (context?.privileged === true) problems.push('is privileged');
  if (context?.readOnlyRootFilesystem !== true) problems.push('may write to its root file system');
  if (!context?.capabilities?.drop?.includes('ALL')) problems.push('keeps capabilities');
  if ((context?.capabilities?.add ?? []).length > 0) problems.push('adds capabilities');
  if (!resources?.requests || !resources.limits?.memory)
    problems.push('has no requests or no limit of memory');
  if (!/@sha256:|:[^/]+$/.test(image) || image.endsWith(':latest'))
    problems.push(`has the image ${image}, of no version`);
  return [...problems, ...inspectEnvironment(container.env ?? [])].map(
    (problem) => `${container.name} ${problem}`,
  );
}

function inspectPod(pod: PodSpec, isService: boolean): string[] {
  const problems: string[] = [];
  if (pod.securityContext?.runAsNonRoot !== true || !((pod.securityContext.runAsUser ?? 0) > 0)) {
    problems.push('may run as root');
  }
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault') problems.push('has no seccomp profile');
  if (pod.automountServiceAccountToken !== false) problems.push('is given a service account token');
  if (pod.hostNetwork || pod.hostPID) problems.push('shares the node’s network or processes');
  for (const volume of pod.volumes ?? [])
    if ('hostPath' in volume) problems.push('mounts a folder of the node');
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    problems.push(...inspectContainer(container));
  }
  if (!isService) return problems;
  for (const { name, livenessProbe, readinessProbe, startupProbe, env = [] } of pod.containers) {
    if (!livenessProbe || !readinessProbe || !startupProbe) problems.push(`${name} lacks a probe`);
    const seconds = (variable: string) =>
      Number(env.find((one) => one.name === variable)?.value ?? Number.NaN);
    const needed = seconds('TRIBUTARY_DRAIN_SECONDS') + seconds('TRIBUTARY_GRACE_SECONDS');
    if (!((pod.terminationGracePeriodSeconds ?? 0) > needed)) {
      problems.push(`is killed after ${pod.terminationGracePeriodSeconds} s and wants ${needed} s to end`);
    }
  }
  return problems;
}

/** Every deployment can be disturbed in measure, is scaled, and is reached by nobody but whom a policy names. */
function inspectDeployment(deployment: Manifest, manifests: readonly Manifest[]): string[] {
  const { name } = deployment.metadata;
  const has = (kinds: readonly string[]) =>
    manifests.some((one) => kinds.includes(one.kind) && one.metadata.name === name);
  return [
    ...(has(['PodDisruptionBudget']) ? [] : ['has no disruption budget']),
    ...(has(['HorizontalPodAutoscaler', 'ScaledObject']) ? [] : ['is not scaled']),
    ...(has(['NetworkPolicy']) ? [] : ['has no network policy']),
    ...(has(['Service']) ? [] : ['has no service']),
  ];
}

/**
 * What is wrong with a rendered chart beyond its schemas: settings that there are not, secrets in the open, containers
 * that may more than they need, and services without what keeps them up.
 *
 * @returns one line each.
 */
export function inspectManifests(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const pod = podOf(manifest);
    const problems = [
      ...(pod ? inspectPod(pod, manifest.kind === 'Deployment') : []),
      ...(manifest.kind === 'Deployment' ? inspectDeployment(manifest, manifests) : []),
      ...(manifest.kind === 'Secret' ? ['holds secrets: the chart names them only'] : []),
    ];
    return problems.map((problem) => `${manifest.kind} ${manifest.metadata.name}: ${problem}`);
  });
}
