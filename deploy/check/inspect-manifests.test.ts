import { describe, expect, it } from 'vitest';
import { inspectEnvironment, inspectManifests } from './inspect-manifests.ts';
import type { Manifest } from './render-chart.ts';

const good = {
  name: 'gateway',
  image: 'tributary:0.1.0',
  env: [
    { name: 'TRIBUTARY_DRAIN_SECONDS', value: '10' },
    { name: 'TRIBUTARY_GRACE_SECONDS', value: '20' },
  ],
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
  startupProbe: {},
  livenessProbe: {},
  readinessProbe: {},
};

const pod = (container: object = {}, rest: object = {}) => ({
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 60,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ ...good, ...container }],
  ...rest,
});

const manifest = (kind: string, spec: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'tributary-gateway' },
  spec: spec as Manifest['spec'] & object,
});
const deployment = (spec: object) => manifest('Deployment', { template: { spec } });
const beside = ['PodDisruptionBudget', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'Service'].map((kind) =>
  manifest(kind),
);

describe('what is looked for in rendered manifests', () => {
  it('has nothing to say of a deployment that is as it must be', () => {
    expect(inspectManifests([deployment(pod()), ...beside])).toEqual([]);
  });

  it.each([
    ['may escalate', pod({ securityContext: { ...good.securityContext, allowPrivilegeEscalation: true } })],
    [
      'root file system',
      pod({ securityContext: { ...good.securityContext, readOnlyRootFilesystem: false } }),
    ],
    ['keeps capabilities', pod({ securityContext: { ...good.securityContext, capabilities: {} } })],
    ['may run as root', pod({}, { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })],
    ['no limit of memory', pod({ resources: { requests: {} } })],
    ['lacks a probe', pod({ readinessProbe: undefined })],
    ['of no version', pod({ image: 'tributary:latest' })],
    ['of no version', pod({ image: 'registry:5000/tributary' })],
    ['is killed after 30 s and wants 30 s', pod({}, { terminationGracePeriodSeconds: 30 })],
    ['service account token', pod({}, { automountServiceAccountToken: true })],
    ['a folder of the node', pod({}, { volumes: [{ name: 'a', hostPath: { path: '/' } }] })],
  ])('says that it %s', (problem, spec) => {
    expect(inspectManifests([deployment(spec), ...beside]).join('\n')).toContain(problem);
  });

  it.each(beside.map(({ kind }) => kind))('misses a %s', (kind) => {
    const rest = beside.filter((one) => one.kind !== kind);
    expect(inspectManifests([deployment(pod()), ...rest])).toHaveLength(1);
  });

  it('takes no secret', () => {
    expect(inspectManifests([manifest('Secret')])).toHaveLength(1);
  });
});

describe('what is looked for in an environment', () => {
  it.each([
    ['there is no such setting', { name: 'TRIBUTARY_DATAA', value: '/data' }],
    ['is not allowed', { name: 'TRIBUTARY_RESULT_CACHE_BYTES', value: '5.36870912e+08' }],
    ['its value stands in the manifest', { name: 'TRIBUTARY_INTERNAL_SECRET', value: 'x'.repeat(40) }],
    ['its value stands in the manifest', { name: 'POSTGRES_PASSWORD', value: 'hunter2' }],
    ['has no value', { name: 'TRIBUTARY_REDIS_URL' }],
  ])('%s', (problem, variable) => {
    expect(inspectEnvironment([variable]).join('\n')).toContain(problem);
  });

  it('takes secrets by reference', () => {
    const valueFrom = { secretKeyRef: { name: 'tributary', key: 'internal-secret' } };
    expect(inspectEnvironment([{ name: 'TRIBUTARY_INTERNAL_SECRET', valueFrom }])).toEqual([]);
  });
});
