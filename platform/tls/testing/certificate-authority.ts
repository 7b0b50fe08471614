import { execFile } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TlsFiles } from '../tls-identity.ts';

const execute = promisify(execFile);

/** An authority of a test's own, made with the `openssl` of the machine. */
export interface CertificateAuthority {
  /** The path of its certificate. */
  readonly file: string;
  /**
   * Makes a certificate for 127.0.0.1 and localhost, and its key, under this name; another one of the name is
   * replaced as one.
   *
   * @param days how long it is valid; 0 for one that has expired.
   */
  issue(name: string, days?: number): Promise<TlsFiles>;
}

/** Makes an authority in a folder. */
export async function makeAuthority(directory: string, name: string): Promise<CertificateAuthority> {
  const path = (file: string) => join(directory, file);
  const openssl = (...words: string[]) => execute('openssl', words, { cwd: directory });
  const keyKind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    ...['req', '-x509', ...keyKind, '-keyout', `${name}.key`, '-out', `${name}.crt`],
    ...['-days', '2', '-subj', `/CN=${name}`],
  );
  const extensions = 'subjectAltName=IP:127.0.0.1,DNS:localhost\n';
  await writeFile(path('extensions'), extensions);
  let serial = 0;
  return {
    file: path(`${name}.crt`),
    async issue(service, days = 1) {
      const draft = `${service}.draft`;
      await openssl(
        ...['req', '-new', ...keyKind, '-keyout', `${draft}.key`, '-out', `${draft}.csr`],
        ...['-subj', `/CN=${service}`],
      );
      await openssl(
        ...['x509', '-req', '-in', `${draft}.csr`, '-CA', `${name}.crt`, '-CAkey', `${name}.key`],
        ...['-set_serial', String(++serial), '-days', String(days), '-extfile', 'extensions'],
        ...['-out', `${draft}.crt`],
      );
      await rename(path(`${draft}.key`), path(`${service}.key`));
      await rename(path(`${draft}.crt`), path(`${service}.crt`));
      return { certificate: path(`${service}.crt`), key: path(`${service}.key`), ca: path(`${name}.crt`) };
    },
  };
}
