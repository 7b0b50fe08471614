import { integer, oneOf, optionalText } from './parse.ts';
import { setting } from './setting.ts';

/** How services prove to each other who they are, and how they are watched. */
export const serviceSettings = {
  tlsCertificate: setting({
    variable: 'TRIBUTARY_TLS_CERTIFICATE',
    description:
      'The path of this service’s certificate (PEM, with its chain), for mutual TLS between the services; read again when it changes.',
    allowed: 'a path; needs `TRIBUTARY_TLS_KEY` and `TRIBUTARY_TLS_CA`',
    fallback: null,
    schema: optionalText(),
  }),
  tlsKey: setting({
    variable: 'TRIBUTARY_TLS_KEY',
    description: 'The path of the certificate’s private key (PEM).',
    allowed: 'a path',
    fallback: null,
    schema: optionalText(),
  }),
  tlsCa: setting({
    variable: 'TRIBUTARY_TLS_CA',
    description:
      'The path of the certificates (PEM) of the authority that the services’ certificates are signed by.',
    allowed: 'a path',
    fallback: null,
    schema: optionalText(),
  }),
  metricsPort: setting({
    variable: 'TRIBUTARY_METRICS_PORT',
    description:
      'The port for Prometheus metrics at `/metrics`, on `HOST`; none by default, and 0 picks a free one.',
    allowed: '0 to 65535',
    fallback: null as number | null,
    schema: integer(0, 65_535),
  }),
  drainSeconds: setting({
    variable: 'TRIBUTARY_DRAIN_SECONDS',
    description:
      'How long a process that was told to stop says that it is not ready before it stops taking requests, in seconds.',
    allowed: '0 to 600',
    fallback: 0,
    schema: integer(0, 600),
  }),
  graceSeconds: setting({
    variable: 'TRIBUTARY_GRACE_SECONDS',
    description: 'How long requests under way may then take to end, in seconds.',
    allowed: '1 to 600',
    fallback: 10,
    schema: integer(1, 600),
  }),
  reconcileSeconds: setting({
    variable: 'TRIBUTARY_RECONCILE_SECONDS',
    description:
      'How often the stores are compared with the database and what differs is mended, in seconds, beside after each start.',
    allowed: '1 to 604800',
    fallback: 3600,
    schema: integer(1, 604_800),
  }),
  maxBacklogAgeSeconds: setting({
    variable: 'TRIBUTARY_MAX_BACKLOG_AGE_SECONDS',
    description:
      'Uploads are refused as busy while the oldest waiting job is older than this, in seconds; 0 for no such limit.',
    allowed: '0 to 604800',
    fallback: 0,
    schema: integer(0, 604_800),
  }),
  nextEncoderModel: setting({
    variable: 'TRIBUTARY_NEXT_ENCODER_MODEL',
    description:
      'A second text encoder, to migrate to: both are loaded, and `startEncoderMigration` and `switchEncoder` decide which one serves.',
    allowed: 'a name of `platform/models/models.lock.json`, or a path',
    fallback: null,
    schema: optionalText(),
  }),
  personalData: setting({
    variable: 'TRIBUTARY_PERSONAL_DATA',
    description:
      'Which documents this retrieval service searches: `all`, those `without` the mark `containsPii`, or `only` those with it.',
    allowed: '`all`, `without` or `only`',
    fallback: 'all' as const,
    schema: oneOf(['all', 'without', 'only']),
  }),
  gatewaySubgraphTimeoutMs: setting({
    variable: 'TRIBUTARY_SUBGRAPH_TIMEOUT_MS',
    description: 'A service that takes longer to answer the gateway is given up, in milliseconds.',
    allowed: '100 to 600000',
    fallback: 70_000,
    schema: integer(100, 600_000),
  }),
} as const;
