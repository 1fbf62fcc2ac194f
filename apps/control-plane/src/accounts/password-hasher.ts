import { Worker } from 'node:worker_threads'
import type { Options } from '@node-rs/argon2'
import type { HashResult, HashTask, HashThreadData } from './hash-thread.ts'

/** Hashes passwords off the event loop, one at a time. */
export interface PasswordHasher {
  /** The PHC string of a password. */
  hash(password: Uint8Array, options: Options): Promise<string>
  verify(storedHash: string, password: Uint8Array): Promise<boolean>
}

/** A hasher on a thread of its own. */
export interface HashingThread extends PasswordHasher {
  /** Ends the thread. What it was doing is rejected. */
  close(): Promise<void>
}

interface Waiting {
  resolve(value: string | boolean): void
  reject(error: Error): void
}

/**
 * A thread that hashes, at a priority of its own (`hash-thread.ts`). It begins with the first task and keeps no process
 * alive. If it ends by itself, what it had in hand is rejected, and the next task begins another one.
 */
export function hashingThread(data: HashThreadData = { niceness: null }): HashingThread {
  const waiting: Waiting[] = []
  let worker: Worker | undefined

  function begin(): Worker {
    const begun = new Worker(new URL('./hash-thread.ts', import.meta.url), { workerData: data })
    begun.on('message', (result: HashResult) => {
      const task = waiting.shift()
      if ('error' in result) task?.reject(new Error(`a password could not be hashed: ${result.error}`))
      else task?.resolve(result.value)
    })
    begun.on('error', (cause) => fail(begun, new Error('the hashing thread broke', { cause })))
    begun.on('exit', () => fail(begun, new Error('the hashing thread ended')))
    begun.unref()
    return begun
  }

  function fail(ended: Worker, error: Error): void {
    if (worker !== ended) return // told already; another one is at work
    worker = undefined
    for (const task of waiting.splice(0)) task.reject(error)
  }

  async function run(task: HashTask): Promise<string | boolean> {
    worker ??= begin()
    // Not while it works: a process that ends must not leave its last log-in without an answer.
    worker.ref()
    try {
      return await new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker?.postMessage(task)
      })
    } finally {
      if (waiting.length === 0) worker?.unref()
    }
  }

  return {
    hash: async (password, options) => String(await run({ kind: 'hash', password, options })),
    verify: async (storedHash, password) => (await run({ kind: 'verify', password, storedHash })) === true,
    close: async () => {
      await worker?.terminate()
    },
  }
}
