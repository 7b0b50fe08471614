import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs what the lock file says, unless it is there already.
 *
 * @param {{ dev: boolean }} options whether what only development needs is wanted too
 * @returns {Promise<boolean>} whether everything is there now
 */
export async function ensureDependencies({ dev }) {
  if (areInstalled(dev)) return true;
  const wanted = dev ? ['--include=dev'] : ['--omit=dev'];
  // Of the native packages only what is in the registry is wanted, nothing that their scripts would fetch.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' };
  console.error('Installing the packages …');
  // Errors only: that a package asks for a newer Node than it needs is nothing to act on.
  return (await npm(['ci', ...wanted, '--include=optional', '--loglevel=error'], env)) === 0;
}

/** Whether what npm says that it installed is what the lock file asks for. */
function areInstalled(dev) {
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  const wanted = readLock(join(root, 'package-lock.json'));
  if (installed === null || wanted === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (entry.dev === true && !dev)) return true;
    const found = installed[path];
    // What is optional is for other platforms, or there in the right version.
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && existsSync(join(root, path));
  });
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Runs npm, with the terminal as its own.
 *
 * @param {string[]} args
 * @returns {Promise<number>} its exit status
 */
export function npm(args, env = process.env) {
  // Started by npm, we use that npm; by hand, the one that stands in the path.
  const { npm_execpath: script } = process.env;
  return script?.endsWith('.js') === true
    ? execute(process.execPath, [script, ...args], env)
    : execute('npm', args, env, process.platform === 'win32');
}

/**
 * Runs a program in the project's folder, with the terminal as its own; a signal to us is passed on to it.
 *
 * @returns {Promise<number>} its exit status; 1 when it could not be run
 */
export function execute(program, args, env = process.env, shell = false) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, shell, stdio: 'inherit' });
    const passOn = (signal) => child.kill(signal);
    process.on('SIGTERM', passOn);
    // A Ctrl-C reaches the child by itself; we wait for it.
    const wait = () => {};
    process.on('SIGINT', wait);
    const done = (status) => {
      process.off('SIGTERM', passOn);
      process.off('SIGINT', wait);
      resolve(status);
    };
    child.on('error', (error) => {
      console.error(`${program} could not be run: ${error.message}`);
      done(1);
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}
