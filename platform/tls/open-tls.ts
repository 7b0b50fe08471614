import { type Config, ConfigError } from '../config/config.ts';
import type { DisposableStack } from '../disposable-stack.ts';
import type { Logger } from '../logger.ts';
import { openTlsIdentity, type TlsIdentity } from './tls-identity.ts';

/** The settings of services by themselves that are addresses of other services. */
const addresses = {
  ingestUrl: 'TRIBUTARY_INGEST_URL',
  retrievalUrl: 'TRIBUTARY_RETRIEVAL_URL',
  generationUrl: 'TRIBUTARY_GENERATION_URL',
  gatewayUrl: 'TRIBUTARY_GATEWAY_URL',
} as const;

/**
 * The identity by which a service proves to the others who it is; null where none is configured.
 *
 * @param calls the services that this one calls: their addresses must be https then.
 * @throws ConfigError where only some of the three settings are set, or where they cannot be used.
 */
export async function openTls(
  context: { readonly config: Config; readonly logger: Logger; readonly stack: DisposableStack },
  calls: readonly (keyof typeof addresses)[] = [],
): Promise<TlsIdentity | null> {
  const { config, logger, stack } = context;
  const { tlsCertificate: certificate, tlsKey: key, tlsCa: ca } = config;
  if (certificate === null && key === null && ca === null) return null;
  if (certificate === null || key === null || ca === null) {
    throw new ConfigError(
      'TRIBUTARY_TLS_CERTIFICATE, TRIBUTARY_TLS_KEY and TRIBUTARY_TLS_CA belong together: set all three, or none.',
    );
  }
  for (const name of calls) {
    if (config[name]?.startsWith('https:') !== true) {
      throw new ConfigError(
        `${addresses[name]}: ${JSON.stringify(config[name])} is not allowed. Allowed: an https address, because the services prove to each other who they are (TRIBUTARY_TLS_CERTIFICATE).`,
      );
    }
  }
  return stack.use(await openTlsIdentity({ files: { certificate, key, ca }, logger }));
}
