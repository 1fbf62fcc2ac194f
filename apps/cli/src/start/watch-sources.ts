import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { ServiceProcess } from './service-process.ts'
import type { Terminal } from './terminal.ts'

/** Packages that every service is made of. */
const packageFolders = ['packages/api', 'packages/proofs', 'packages/service']
/** An editor saves in several steps, and several files at once. */
const settleMs = 150
const restartGraceMs = 3_000

/** For development: starts a service again when a file of its app, or of the packages it is made of, changes. */
export function watchSources(
  root: string,
  processes: readonly ServiceProcess[],
  terminal: Terminal,
): () => void {
  const changed = new Set<ServiceProcess>()
  let settling: NodeJS.Timeout | undefined
  const restart = () => {
    const now = [...changed]
    changed.clear()
    terminal.say(`Changed: ${now.map((process) => process.name).join(', ')} start again.`)
    for (const process of now) {
      process.restart(restartGraceMs).catch((error: unknown) => terminal.warn(`${process.name}: ${error}`))
    }
  }
  const onChange = (affected: readonly ServiceProcess[], file: string | null) => {
    if (file === null || !/\.(ts|sql|json)$/.test(file) || file.includes('.test.')) return
    for (const process of affected) changed.add(process)
    clearTimeout(settling)
    settling = setTimeout(restart, settleMs)
  }
  const watchers = [...sourceFolders(processes)].map(([folder, affected]): FSWatcher => {
    return watch(join(root, folder), { recursive: true }, (_event, file) => onChange(affected, file))
  })
  return () => {
    clearTimeout(settling)
    for (const watcher of watchers) watcher.close()
  }
}

/** Watched folders, each with the processes that run its code. */
export function sourceFolders(processes: readonly ServiceProcess[]): Map<string, ServiceProcess[]> {
  const folders = new Map<string, ServiceProcess[]>(packageFolders.map((folder) => [folder, [...processes]]))
  for (const process of processes) {
    const app = process.plan.program.split('/').slice(0, 2).join('/')
    folders.set(app, [...(folders.get(app) ?? []), process])
  }
  return folders
}
