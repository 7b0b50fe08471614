import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise } from 'yauzl';

/** A JSON schema, as far as it matters here. */
export type Schema = Record<string, unknown>;

/** By kind and API version, a schema; null where Kubernetes has no such kind. */
export type KubernetesSchemas = (kind: string, apiVersion: string) => Promise<Schema | null>;

const reference = /^(?:\/api\/_definitions\.json)?#\/\$defs\/(.+)$/;

/** A schema whose references point into itself; the names of what they point to are added to `named`. */
function localise(value: unknown, named: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => localise(item, named));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    // An identity of its own would be what the references inside are resolved against.
    .filter(([key, item]) => key !== '$id' || typeof item !== 'string')
    .map(([key, item]): [string, unknown] => {
      const name = key === '$ref' && typeof item === 'string' ? reference.exec(item)?.[1] : undefined;
      if (name === undefined) return [key, localise(item, named)];
      named.add(name);
      return [key, `#/$defs/${name}`];
    });
  return Object.fromEntries(entries);
}

/** The files of one folder of a zip archive, as JSON by name; null where there is no such file. */
async function readFolder(
  archive: string,
  folder: string,
): Promise<(name: string) => Promise<Schema | null>> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false });
  const entries = await new Promise<Map<string, Entry>>((resolve, reject) => {
    const found = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      if (entry.fileName.startsWith(folder)) found.set(entry.fileName.slice(folder.length), entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(found));
    zip.on('error', reject);
    zip.readEntry();
  });
  return async (name) => {
    const entry = entries.get(name);
    if (entry === undefined) return null;
    return JSON.parse((await buffer(await zip.openReadStreamPromise(entry))).toString('utf8')) as Schema;
  };
}

/**
 * The schemas of Kubernetes's own kinds, strict (what is unknown is refused), each complete in itself.
 *
 * @param wheel the package that holds them.
 * @param version `1.31`
 * @throws Error where the package does not know this version.
 */
export async function openKubernetesSchemas(wheel: string, version: string): Promise<KubernetesSchemas> {
  const folder = `kubernetes_validate/kubernetes-json-schema/v${version}.0-local-strict/`;
  const read = await readFolder(wheel, folder);
  const all = (await read('_definitions.json')) as { $defs: Record<string, Schema> } | null;
  if (all === null) throw new Error(`There are no schemas of Kubernetes ${version} in ${wheel}.`);
  return async (kind, apiVersion) => {
    const [group = '', ofGroup] = apiVersion.split('/');
    const suffix = ofGroup === undefined ? group : `${group.split('.')[0]}-${ofGroup}`;
    const schema = await read(`${kind.toLowerCase()}-${suffix}.json`);
    if (schema === null) return null;
    const named = new Set<string>();
    const local = localise(schema, named) as Schema;
    const used: Schema = {};
    // The set grows while it is walked: what a definition names is visited, too.
    for (const name of named) used[name] = localise(all.$defs[name], named);
    return { ...local, $defs: used };
  };
}
