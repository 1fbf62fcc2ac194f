import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'

/** Structured log: one JSON object a line, UTC. */
export type Logger = PinoLogger

export interface LogOptions {
  /** Which process speaks: `data-plane sandbox api`. */
  readonly service: string
  /** Default 'info'. */
  readonly level?: string
  /** Default: standard output. */
  readonly destination?: DestinationStream
  /** Field names whose values are never written; default `secretFields`. */
  readonly secretFields?: readonly string[]
}

/** Headers that carry a credential, lower case. */
export const secretHeaders: readonly string[] = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'proxy-authorization',
]

/** Configuration and code fields that hold secrets, beside those that endpoint definitions mark `x-secret`. */
export const secretFields: readonly string[] = [
  'password',
  'currentPassword',
  'newPassword',
  'invitationToken',
  'token',
  'secret',
  'secretKey',
  'fullKey',
  'apiKey',
  'jwtSecret',
  'masterKey',
  'auditKey',
  'internalSecret',
  'connectionString',
  'databaseUrl',
]

/** A logger that redacts secrets wherever they stand, up to three objects deep. */
export function createLog(options: LogOptions): Logger {
  const paths = redactedPaths(options.secretFields ?? secretFields)
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous: the last lines before a crash are the ones that matter, and no request writes a line of its own.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )
}

/** A logger that writes nothing. */
export const silentLog: Logger = pino({ level: 'silent' })

/** The paths that are redacted, pinned by test. */
export function redactedPaths(fields: readonly string[]): string[] {
  const names = [...new Set([...fields, ...secretHeaders])].map((name) => `["${name}"]`)
  return names.flatMap((name) => [name, `*${name}`, `*.*${name}`])
}
