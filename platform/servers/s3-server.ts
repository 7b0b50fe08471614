import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accepts } from './accepts.ts';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RunningServer, runServer } from './run-server.ts';

export interface S3Server extends RunningServer {
  readonly url: string;
  readonly port: number;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Starts versitygw, an S3 server over a folder, with a bucket in it, and waits until it listens. */
export async function startS3Server(options: {
  readonly directory: string;
  readonly port?: number;
  readonly bucket?: string;
}): Promise<S3Server> {
  const { s3: program } = await installServers(['s3']);
  const { bucket = 'tributary' } = options;
  const root = join(options.directory, 'buckets');
  const metadata = join(options.directory, 'metadata');
  const versions = join(options.directory, 'versions');
  // A folder at the top is a bucket.
  await mkdir(join(root, bucket), { recursive: true });
  await mkdir(metadata, { recursive: true });
  await mkdir(versions, { recursive: true });
  const port = options.port ?? (await freePort());
  const credentials = { accessKeyId: 'tributary', secretAccessKey: 'tributary-on-one-machine' };
  const server = await runServer({
    name: 's3',
    command: program,
    arguments: [
      ...['--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey],
      ...['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', '--quiet'],
      // Not every file system keeps extended attributes.
      ...['posix', '--sidecar', metadata, '--versioning-dir', versions, root],
    ],
    workingDirectory: options.directory,
    isReady: (signal) => accepts(port, signal),
  });
  return Object.assign(server, { url: `http://127.0.0.1:${port}`, port, bucket, ...credentials });
}
