import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { projectFile } from '../../platform/project-file.ts';
import { readCustomResources, schemaName } from './custom-resource-schemas.ts';
import type { Tools } from './install-tools.ts';
import type { KubernetesSchemas, Schema } from './kubernetes-schema.ts';
import type { Manifest } from './render-chart.ts';

interface Outcome {
  readonly resources: readonly {
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly msg?: string;
  }[];
}

/** What kubeconform asks for: for it, the group of `v1` is `v1`, too. */
const fileOf = (kind: string, apiVersion: string): string => {
  const [group = '', version = group] = apiVersion.split('/');
  return `${kind.toLowerCase()}_${group}_${version}.json`;
};

/** The schemas of all custom resources that we use: the projects' own, and ours where a project's cannot be had. */
export async function customResourceSchemas({ modules }: Tools): Promise<Map<string, Schema>> {
  const prometheus = join(modules.prometheus, 'example', 'prometheus-operator-crd');
  const certManager = join(modules.certManager, 'deploy', 'crds');
  const externalSecrets = join(modules.externalSecrets, 'config', 'crds', 'bases');
  const files = [
    join(modules.istio, 'kubernetes', 'customresourcedefinitions.gen.yaml'),
    join(prometheus, 'monitoring.coreos.com_servicemonitors.yaml'),
    join(prometheus, 'monitoring.coreos.com_prometheusrules.yaml'),
    join(modules.keda, 'config', 'crd', 'bases', 'keda.sh_scaledobjects.yaml'),
    join(certManager, 'cert-manager.io_certificates.yaml'),
    join(externalSecrets, 'external-secrets.io_externalsecrets.yaml'),
  ];
  const schemas = new Map<string, Schema>();
  for (const file of files) {
    for (const [name, schema] of await readCustomResources(file)) schemas.set(name, schema);
  }
  const own = projectFile('deploy/helm/schemas');
  for (const file of await readdir(own)) {
    schemas.set(basename(file, '.json'), JSON.parse(await readFile(join(own, file), 'utf8')) as Schema);
  }
  return schemas;
}

/**
 * Holds manifests to the schemas of a Kubernetes version, strictly, with kubeconform. A kind that has no schema is a
 * problem like any other.
 *
 * @param folder an empty folder for files.
 * @returns what is wrong, one line each.
 */
export async function validateManifests(
  manifests: readonly Manifest[],
  options: {
    readonly tools: Tools;
    /** The version: `1.31`. */
    readonly kubernetes: string;
    /** The schemas of that version's own kinds, and those of custom resources. */
    readonly own: KubernetesSchemas;
    readonly custom: ReadonlyMap<string, Schema>;
    readonly folder: string;
  },
): Promise<string[]> {
  const { tools, kubernetes, own, custom, folder } = options;
  const schemas = join(folder, 'schemas');
  await mkdir(schemas, { recursive: true });
  const kinds = new Map(
    manifests.map(({ kind, apiVersion }) => [schemaName(kind, apiVersion), { kind, apiVersion }]),
  );
  for (const [name, { kind, apiVersion }] of kinds) {
    const schema = custom.get(name) ?? (await own(kind, apiVersion));
    if (schema !== null) await writeFile(join(schemas, fileOf(kind, apiVersion)), JSON.stringify(schema));
  }
  const file = join(folder, 'manifests.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
  const words = [
    ...['-strict', '-verbose', '-output', 'json', '-kubernetes-version', `${kubernetes}.0`],
    ...['-schema-location', join(schemas, '{{ .ResourceKind }}_{{ .Group }}_{{ .ResourceAPIVersion }}.json')],
    file,
  ];
  // It ends with 1 where something is wrong, and says what it is all the same.
  const { stdout } = await promisify(execFile)(tools.kubeconform, words, {
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stdout?: string; message: string }) => {
    if (!error.stdout) throw new Error(`kubeconform did not run: ${error.message}`);
    return { stdout: error.stdout };
  });
  const { resources } = JSON.parse(stdout) as Outcome;
  const problems = resources
    .filter(({ status }) => status !== 'statusValid')
    .map(({ kind, name, status, msg }) => `${kind} ${name}: ${msg || status} (Kubernetes ${kubernetes})`);
  if (resources.length !== manifests.length) {
    problems.push(`kubeconform looked at ${resources.length} of ${manifests.length} manifests.`);
  }
  return problems;
}
