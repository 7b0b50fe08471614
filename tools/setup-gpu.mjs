// `npm run setup:gpu`: brings what the encoders need to run on an NVIDIA GPU, which is too large for the npm registry:
// the CUDA provider of ONNX Runtime (a quarter of a gigabyte), and the CUDA libraries where this machine has none (two
// gigabytes). It was written, and its steps up to the first use of a GPU were tried, on a machine without one.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './dependencies.mjs';

const runtime = join(root, 'node_modules', 'onnxruntime-node');
const binaries = join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
const providers = ['shared', 'cuda', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);
/** Where the CUDA libraries go; packages that npm removes and installs are not touched by it, nor is it by them. */
const libraries = join(root, '.cuda');

/** The Python packages that carry the CUDA libraries, by the version of CUDA that the provider is linked to. */
const packages = {
  12: ['cuda-runtime', 'cublas', 'cufft', 'curand', 'cudnn', 'cuda-nvrtc'].map(
    (name) => `nvidia-${name}-cu12`,
  ),
  // From here on most have the version as their own, each a different one, instead of in their name.
  13: [
    ...['nvidia-cuda-runtime==13.*', 'nvidia-cublas==13.*', 'nvidia-cufft==12.*', 'nvidia-curand==10.*'],
    ...['nvidia-cudnn-cu13', 'nvidia-cuda-nvrtc==13.*'],
  ],
};

/** What the provider is not linked to, but loads when it is used. */
const loadedWhenUsed = ['libcudnn.so', 'libcufft.so', 'libnvrtc.so'];

/** Ends with what is wrong and what to do. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/** The libraries that a library is linked to, and which of them cannot be found here, as `ldd` says. */
function linkedLibraries(path, folders) {
  const searched = [...folders, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  const { stdout } = spawnSync('ldd', [path], {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: searched },
  });
  const lines = [...(stdout ?? '').matchAll(/^\s*(\S+) => (.*)$/gm)];
  return {
    all: lines.map(([, name]) => name),
    missing: lines.filter(([, , where]) => where === 'not found').map(([, name]) => name),
  };
}

/** The folders of libraries below a folder that pip has installed packages to. */
function libraryFolders(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'lib')
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Brings the CUDA provider by the package's own script, from NuGet; by a wheel of the same version otherwise. */
function bringProvider() {
  if (providers.every((name) => existsSync(join(binaries, name)))) return;
  console.error('Getting the CUDA provider of ONNX Runtime …');
  const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;
  const { status } = spawnSync(process.execPath, [join(runtime, 'script', 'install.js')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ONNXRUNTIME_NODE_INSTALL: 'cuda12',
      // That script knows proxies by this name only.
      ...(proxy ? { GLOBAL_AGENT_HTTPS_PROXY: proxy } : {}),
    },
  });
  if (status === 0 && providers.every((name) => existsSync(join(binaries, name)))) return;
  const { version } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));
  console.error(`NuGet did not bring it; trying the Python package onnxruntime-gpu ${version} …`);
  const folder = mkdtempSync(join(tmpdir(), 'setup-gpu-'));
  try {
    pip('download', '--dest', folder, `onnxruntime-gpu==${version}`);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    execFileSync('python3', ['-m', 'zipfile', '-e', join(folder, wheel), join(folder, 'wheel')]);
    mkdirSync(binaries, { recursive: true });
    for (const name of providers) {
      copyFileSync(join(folder, 'wheel', 'onnxruntime', 'capi', name), join(binaries, name));
    }
  } catch (error) {
    fail(
      `The CUDA provider cannot be had: ${error.message}. Connect this machine to nuget.org or to a Python package index, and run this again.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the user's own pip: from the index, through the proxy that it is configured for. */
function pip(command, ...args) {
  const options = [
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--no-input',
    '--quiet',
  ];
  execFileSync('python3', ['-m', 'pip', command, ...options, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const built = process.platform === 'win32' ? 'dml,cpu` or `webgpu,cpu' : 'coreml,cpu` or `webgpu,cpu';
    fail(
      `CUDA is for Linux on x86-64 only. Nothing has to be installed here: set TRIBUTARY_EXECUTION_PROVIDERS to \`${built}\`.`,
    );
  }
  if (!existsSync(runtime))
    fail('The packages are not installed yet: run `npm start` once, then this again.');
  bringProvider();
  const provider = join(binaries, 'libonnxruntime_providers_cuda.so');
  const needed = (folders) => {
    // The driver brings its own library, with the GPU.
    const linked = linkedLibraries(provider, folders).missing.filter((name) => !name.startsWith('libcuda.'));
    const inSystem = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
    const here = [inSystem, ...folders.flatMap((folder) => readdirSync(folder))].join('\n');
    return [...linked, ...loadedWhenUsed.filter((name) => !here.includes(name) && !linked.includes(name))];
  };
  let folders = libraryFolders(libraries);
  const missing = needed(folders);
  if (missing.length > 0) {
    const isCuda13 = linkedLibraries(provider, []).all.includes('libcudart.so.13');
    console.error(`Getting ${missing.join(', ')} …`);
    try {
      // All of them at once: pip replaces what it has put into the folder before.
      pip('install', '--upgrade', '--target', libraries, ...packages[isCuda13 ? 13 : 12]);
    } catch {
      fail(
        `The CUDA libraries cannot be had by pip, which says above why. Install CUDA and cuDNN with this machine's package manager instead: ${missing.join(', ')}.`,
      );
    }
    folders = libraryFolders(libraries);
    const still = needed(folders);
    if (still.length > 0)
      fail(`These libraries are still missing: ${still.join(', ')}. Install them by hand.`);
  }
  const driver = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  console.log(
    driver.status === 0 ? `GPU: ${driver.stdout.trim()}` : 'No NVIDIA driver answers on this machine.',
  );
  console.log(
    'The libraries are there. Start Tributary with these set, and ask `tributary doctor` what is used:\n',
  );
  if (folders.length > 0) console.log(`  export LD_LIBRARY_PATH=${folders.join(':')}`);
  console.log('  export TRIBUTARY_EXECUTION_PROVIDERS=cuda,cpu');
}

await main();
