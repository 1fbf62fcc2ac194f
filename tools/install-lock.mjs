/**
 * A lock between processes on one machine: a folder that holds one file per process working under it, named by
 * its id. It is taken by renaming a prepared folder onto its name, which the file system refuses while a
 * non-empty one is there. So it is never seen half made, and whoever clears away a dead owner removes only that
 * owner's file: of two who do so at once, one rename wins and the other finds the folder occupied.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const RETRY_DELAY_MS = 200

/**
 * @typedef {object} Lock
 * @property {(pid: number) => void} shareWith the lock then also lasts as long as that process, even if this one is killed
 * @property {() => void} release
 */

/**
 * Waits for the lock and takes it. A lock whose processes are all dead is taken over.
 *
 * @param {string} folder the lock; its parent must exist
 * @param {(pid: number) => void} onWait called once, with a process that holds it
 * @returns {Promise<Lock>}
 */
export async function acquireLock(folder, onWait) {
  let told = false
  while (!tryAcquire(folder)) {
    const holder = clearDead(folder)
    if (holder === undefined) continue
    if (!told) onWait(holder)
    told = true
    await delay(RETRY_DELAY_MS)
  }
  const files = [join(folder, String(process.pid))]
  return {
    shareWith: (pid) => {
      files.push(join(folder, String(pid)))
      writeFileSync(join(folder, String(pid)), '')
    },
    // The folder stays: removing it could take the next owner's file with it.
    release: () => {
      for (const file of files) rmSync(file, { force: true })
    },
  }
}

function tryAcquire(/** @type {string} */ folder) {
  const prepared = mkdtempSync(`${folder}-`)
  writeFileSync(join(prepared, String(process.pid)), '')
  try {
    renameSync(prepared, folder)
    return true
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true })
    const code = /** @type {NodeJS.ErrnoException} */ (error).code
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    throw error
  }
}

/** Removes the files of dead processes and gives one that lives, or undefined when none does. */
function clearDead(/** @type {string} */ folder) {
  mkdirSync(folder, { recursive: true })
  let living
  for (const name of readdirSync(folder)) {
    if (isAlive(Number(name))) living = Number(name)
    else rmSync(join(folder, name), { force: true })
  }
  return living
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
