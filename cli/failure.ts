/** What the exit code of a command means; they do not change. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong; for `ingest`: at least one document did. */
  failed: 1,
  /** The command line was wrong, or the server refused what it was given. */
  usage: 2,
  /** No server answers at the address. */
  unreachable: 3,
  /** The caller is not known, or may not do this. */
  denied: 4,
  /** There is no such object. */
  notFound: 5,
  /** The server has too much to do; trying again later may help. */
  busy: 6,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codeByExitCode: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: 'OK',
  [exitCodes.failed]: 'FAILED',
  [exitCodes.usage]: 'USAGE',
  [exitCodes.unreachable]: 'UNREACHABLE',
  [exitCodes.denied]: 'DENIED',
  [exitCodes.notFound]: 'NOT_FOUND',
  [exitCodes.busy]: 'BUSY',
  [exitCodes.interrupted]: 'INTERRUPTED',
};

/** A command cannot be carried out. The message is one clear sentence for the user; nothing else is shown. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  /** A stable word for the cause: the server's own where it gave one. */
  readonly code: string;

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions & { readonly code?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = exitCode;
    this.code = options.code ?? codeByExitCode[exitCode];
  }
}

/** The failure that goes with an expected refusal or an error of the server. */
export function failureOf(code: string, message: string): CommandFailure {
  return new CommandFailure(exitCodeByCode[code] ?? exitCodes.usage, message, { code });
}

/** The codes of the server that are not about the input. */
const exitCodeByCode: Readonly<Record<string, ExitCode>> = {
  DENIED: exitCodes.denied,
  UNAUTHENTICATED: exitCodes.denied,
  UNAUTHORIZED_FIELD_OR_TYPE: exitCodes.denied,
  NOT_FOUND: exitCodes.notFound,
  BUSY: exitCodes.busy,
  QUEUE_FULL: exitCodes.busy,
  UPSTREAM: exitCodes.failed,
  DEFECT: exitCodes.failed,
  INTERNAL_SERVER_ERROR: exitCodes.failed,
};
