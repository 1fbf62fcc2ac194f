import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { hashSync, type Options, verifySync } from '@node-rs/argon2'

/** What a thread is told: one password to hash, or to verify against a hash. */
export type HashTask =
  | { readonly kind: 'hash'; readonly password: Uint8Array; readonly options: Options }
  | { readonly kind: 'verify'; readonly password: Uint8Array; readonly storedHash: string }

/** What it answers to each task, in order; `error`: the text of what went wrong. */
export type HashResult = { readonly value: string | boolean } | { readonly error: string }

/** How a thread runs: `niceness` 19 is the lowest priority there is; null leaves what the process has. */
export interface HashThreadData {
  readonly niceness: number | null
}

/**
 * The program of a hashing thread. It does nothing else, and blocks while it hashes. On Linux a priority belongs to a
 * thread, and without a process id it is this one's: the rest of the process, log-ins included, keeps its own. Elsewhere a
 * priority is the process's, and is left alone.
 */
if (parentPort !== null) {
  const port = parentPort
  const { niceness }: HashThreadData = workerData
  if (niceness !== null && process.platform === 'linux') setPriority(niceness)
  port.on('message', (task: HashTask) => port.postMessage(resultOf(task)))
}

function resultOf(task: HashTask): HashResult {
  try {
    return {
      value:
        task.kind === 'hash'
          ? hashSync(task.password, task.options)
          : verifySync(task.storedHash, task.password),
    }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
