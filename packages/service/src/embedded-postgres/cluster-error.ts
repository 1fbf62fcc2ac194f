/**
 * Why an embedded cluster could not be started. Each code names one thing an operator can act on:
 *
 * - `PLATFORM_UNSUPPORTED` no binaries for this platform are installed
 * - `RUN_AS_USER_MISSING`  we are root and the machine has no unprivileged user to run PostgreSQL as
 * - `DATA_UNREACHABLE`     the data lies where that user cannot go, and may not be moved
 * - `DATA_OWNED_BY_OTHER`  the data belongs to another user than the one we are
 * - `DATA_NOT_A_CLUSTER`   the data folder holds something that is not a PostgreSQL cluster
 * - `DATA_VERSION_OTHER`   the cluster was made by another major version
 * - `PASSWORD_LOST`        a cluster without its password file
 * - `LOGIN_REFUSED`        the server is up and refuses our password
 * - `INITDB_FAILED`        initdb ended with an error
 * - `PORT_TAKEN`           the requested port is in use
 * - `START_FAILED`         the server ended before it was ready
 * - `START_TIMED_OUT`      the server was not ready before the deadline
 * - `STOP_FAILED`          a server that had to end would not
 */
export type ClusterErrorCode =
  | 'PLATFORM_UNSUPPORTED'
  | 'RUN_AS_USER_MISSING'
  | 'DATA_UNREACHABLE'
  | 'DATA_OWNED_BY_OTHER'
  | 'DATA_NOT_A_CLUSTER'
  | 'DATA_VERSION_OTHER'
  | 'PASSWORD_LOST'
  | 'LOGIN_REFUSED'
  | 'INITDB_FAILED'
  | 'PORT_TAKEN'
  | 'START_FAILED'
  | 'START_TIMED_OUT'
  | 'STOP_FAILED'

/** A refusal of the embedded PostgreSQL launcher. `message` tells an operator what to do; act on `code`. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode

  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether `error` is a failed system call with one of these codes (`ENOENT`, `EEXIST` …). */
export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code)
}
