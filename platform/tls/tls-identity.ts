import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/config.ts';
import type { Logger } from '../logger.ts';

/** Where a service's certificate, its key and the authority's certificates are (PEM). */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** What a service shows the others, and whom it trusts. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A service's identity among the services: read again when its files change. */
export interface TlsIdentity extends AsyncDisposable {
  /** What holds at present. */
  material(): TlsMaterial;
  /** Calls `listener` with what holds from now on, each time that it changes. @returns what ends it. */
  onChange(listener: (material: TlsMaterial) => void): () => void;
}

const usualPollMs = 2_000;

async function readMaterial({ certificate, key, ca }: TlsFiles): Promise<TlsMaterial> {
  const [certPem, keyPem, caPem] = await Promise.all([
    readFile(certificate, 'utf8'),
    readFile(key, 'utf8'),
    readFile(ca, 'utf8'),
  ]);
  const material = { cert: certPem, key: keyPem, ca: caPem };
  // Throws where the key is not the certificate's, or where something is no PEM at all.
  createSecureContext(material);
  const authorities = caPem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (authorities.length === 0) throw new Error(`${ca} holds no certificate`);
  for (const authority of authorities) new X509Certificate(authority);
  const { validTo } = new X509Certificate(certPem);
  if (Date.parse(validTo) <= Date.now())
    throw new Error(`the certificate has expired: it was valid to ${validTo}`);
  return material;
}

const isSame = (one: TlsMaterial, other: TlsMaterial): boolean =>
  one.cert === other.cert && one.key === other.key && one.ca === other.ca;

/**
 * Reads a service's certificate, and reads it again when it changes: files that are swapped as one, as Kubernetes
 * does, and files that are written one after the other. What does not fit together yet, or cannot be read, changes
 * nothing and is logged.
 *
 * @param options.pollMs how often the files are looked at, in milliseconds; 2,000 by default.
 * @throws ConfigError where the files cannot be used at the start.
 */
export async function openTlsIdentity(options: {
  readonly files: TlsFiles;
  readonly logger: Logger;
  readonly pollMs?: number;
}): Promise<TlsIdentity> {
  const { files, logger, pollMs = usualPollMs } = options;
  const listeners = new Set<(material: TlsMaterial) => void>();
  let current = await readMaterial(files).catch((error: unknown) => {
    throw new ConfigError(
      `TRIBUTARY_TLS_CERTIFICATE, TRIBUTARY_TLS_KEY, TRIBUTARY_TLS_CA: ${messageOf(error)}. Allowed: a certificate (PEM) that is valid, its private key, and the authority’s certificates.`,
    );
  });
  let seen = current;
  let complaint: string | null = null;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    try {
      const found = await readMaterial(files);
      complaint = null;
      const isSettled = isSame(found, seen);
      seen = found;
      // What is being written still looks otherwise the next time.
      if (!isSettled || isSame(found, current)) return;
      current = found;
      logger.info({ certificate: files.certificate }, 'the certificate has changed');
      for (const listener of listeners) listener(found);
    } catch (error) {
      const message = messageOf(error);
      if (message !== complaint) {
        logger.warn({ err: error }, 'the certificate cannot be read again; the one before is used on');
      }
      complaint = message;
    }
  }
  const timer = setInterval(() => {
    looking = look();
  }, pollMs);
  timer.unref();
  return {
    material: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      listeners.clear();
      await looking;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
