import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread from a module.
 *
 * @param module its file name, without the extension.
 * @param beside the `import.meta.url` of a module of the same folder; of this one by default.
 */
export function startThread(module: string, workerData: unknown, beside: string = import.meta.url): Worker {
  const options = { workerData, name: module };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${module}.js`, beside), options);
  }
  // From source, before a build: a thread does not inherit the loader that its parent has for TypeScript.
  const entry = JSON.stringify(new URL(`./${module}.ts`, beside).href);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return new Worker(`import(${loader}).then(({ register }) => (register(), import(${entry})))`, {
    ...options,
    eval: true,
  });
}
