import type { RandomBytes } from '@pacspace/api/id'
import type { Clock } from '@pacspace/service/clock'
import type { Logger } from '@pacspace/service/log'
import type { Pool } from '@pacspace/service/postgres'
import type { FileAnchor } from './file-anchor.ts'
import type { VerifiedMemory } from './verified-memory.ts'

/** What the worker process gives each background step. */
export interface WorkerContext {
  readonly db: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly log: Logger
  readonly fileAnchor: FileAnchor
  readonly memory: VerifiedMemory
  /** 32 bytes; opens the logs' private keys. */
  readonly masterKey: Uint8Array
  /** First part of every origin: `<host>/log/<id>`. */
  readonly logHost: string
  /** Called before each step that a crash may interrupt; tests inject faults here. */
  readonly atStep: (step: WorkerStep) => Promise<void>
}

/** Places in the life of a delta between which a worker may die, in order. */
export const workerSteps = [
  'recomputed',
  'signed',
  'tree-committed',
  'anchored',
  'read-back',
  'confirmed',
] as const
export type WorkerStep = (typeof workerSteps)[number]
