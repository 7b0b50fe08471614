import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './dependencies.mjs';

/**
 * Removes from the installed packages the native libraries that this machine cannot load: two packages bring
 * those of every platform, a quarter of a gigabyte. The packages themselves stay, so that npm finds all it
 * has installed.
 */
export function makeLean(modules = join(root, 'node_modules')) {
  const onnxruntime = join(modules, 'onnxruntime-node', 'bin');
  for (const api of foldersIn(onnxruntime)) {
    for (const platform of foldersIn(join(onnxruntime, api))) {
      for (const architecture of foldersIn(join(onnxruntime, api, platform))) {
        if (platform !== process.platform || architecture !== process.arch) {
          remove(join(onnxruntime, api, platform, architecture));
        }
      }
    }
  }
  const llama = join(modules, '@node-llama-cpp');
  for (const name of foldersIn(llama)) {
    const { os = [], cpu = [] } = JSON.parse(readFileSync(join(llama, name, 'package.json'), 'utf8'));
    // A package for several architectures has its own in its name.
    const isOurs =
      os.includes(process.platform) && cpu.includes(process.arch) && name.includes(`-${process.arch}`);
    if (!isOurs) remove(join(llama, name, 'bins'));
  }
}

function foldersIn(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
