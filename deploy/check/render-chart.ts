import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { projectFile } from '../../platform/project-file.ts';

/** A Kubernetes object, as far as every one of them is alike. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The sets of values that come with the chart. */
export const valueSets = ['small', '100m', 'air-gapped'] as const;

const chart = () => projectFile('deploy/helm/tributary');

async function helm(program: string, words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`\`helm ${words.join(' ')}\` failed:\n${stdout}${stderr}`);
  }
}

const valuesOf = (set: string) => ['--values', join(chart(), `values-${set}.yaml`)];

/** @throws Error with what `helm lint` found. */
export async function lintChart(program: string, set: string, kubernetes: string): Promise<void> {
  const version = ['--kube-version', `${kubernetes}.0`];
  await helm(program, ['lint', '--strict', '--quiet', chart(), ...valuesOf(set), ...version]);
}

/**
 * What `helm install` would send for a set of values.
 *
 * @throws Error with what Helm printed, or where what it made is no YAML.
 */
export async function renderChart(
  program: string,
  set: string,
  kubernetes: string,
  extra: readonly string[] = [],
): Promise<Manifest[]> {
  const version = ['--kube-version', `${kubernetes}.0`];
  const words = [
    'template',
    'tributary',
    chart(),
    '--namespace',
    'rag',
    ...valuesOf(set),
    ...version,
    ...extra,
  ];
  const text = await helm(program, words);
  return parseAllDocuments(text).flatMap((document) => {
    const [problem] = document.errors;
    if (problem) throw new Error(`helm made YAML that cannot be read: ${problem.message}`);
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}
