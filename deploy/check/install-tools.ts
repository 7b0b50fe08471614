import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from '../../platform/models/with-folder-lock.ts';
import {
  debian,
  exists,
  goProgram,
  onPath,
  run,
  serversFolder,
} from '../../platform/servers/install-servers.ts';

const goPrograms = {
  helm: { package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0', file: 'helm' },
  kubeconform: {
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: 'v0.8.0',
    file: 'kubeconform',
  },
  // The reference implementation of the Compose specification; its program is called `cmd`.
  compose: { package: 'github.com/compose-spec/compose-go/v2/cmd', version: 'v2.16.2', file: 'cmd' },
} as const;

/** Go modules whose sources carry the definitions of custom resources. */
const goModules = {
  istio: 'istio.io/api@v1.31.1',
  prometheus: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  keda: 'github.com/kedacore/keda/v2@v2.21.0',
  certManager: 'github.com/cert-manager/cert-manager@v1.21.2',
  externalSecrets: 'github.com/external-secrets/external-secrets@v1.3.2',
} as const;

/** A Python package that carries the JSON schemas of Kubernetes 1.25 to 1.37. */
const kubernetesSchemas = { name: 'kubernetes-validate', version: '1.37.0' } as const;

export interface Tools {
  readonly helm: string;
  readonly kubeconform: string;
  readonly compose: string;
  readonly promtool: string;
  /** The folders of the modules' sources. */
  readonly modules: Readonly<Record<keyof typeof goModules, string>>;
  /** The wheel with Kubernetes's schemas. */
  readonly kubernetesWheel: string;
}

async function goModule(module: string): Promise<string> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function kubernetesWheel(): Promise<string> {
  const { name, version } = kubernetesSchemas;
  const folder = join(serversFolder, `${name}-${version}`);
  const wheel = join(folder, `${name.replace('-', '_')}-${version}-py3-none-any.whl`);
  if (await exists(wheel)) return wheel;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--dest', folder, `${name}==${version}`],
  ]);
  return wheel;
}

/**
 * What `deploy/` is checked with: programs and schemas, all of exact versions, installed by the package clients where
 * they are missing, once for all checkouts.
 *
 * @throws Error that says what is missing and how to install it.
 */
export async function installTools(): Promise<Tools> {
  await mkdir(serversFolder, { recursive: true });
  return withFolderLock(join(serversFolder, 'lock-deploy-tools'), undefined, async () => {
    const modules: Partial<Record<keyof typeof goModules, string>> = {};
    for (const [name, module] of Object.entries(goModules)) {
      modules[name as keyof typeof goModules] = await goModule(module);
    }
    return {
      helm: await goProgram('helm', goPrograms.helm),
      kubeconform: await goProgram('kubeconform', goPrograms.kubeconform),
      compose: await goProgram('compose', goPrograms.compose),
      promtool: await debian('prometheus', () => onPath('promtool', ['/usr/bin'])),
      modules: modules as Tools['modules'],
      kubernetesWheel: await kubernetesWheel(),
    };
  });
}
