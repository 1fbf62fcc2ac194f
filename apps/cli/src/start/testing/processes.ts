import { readdir, readFile } from 'node:fs/promises'

/** Ids of live processes that name `path` in their command line or environment (Linux). */
export async function processesNaming(path: string): Promise<number[]> {
  const pids = (await readdir('/proc'))
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
  const found = await Promise.all(pids.map(async (pid) => ((await names(pid, path)) ? [pid] : [])))
  return found.flat()
}

async function names(pid: number, path: string): Promise<boolean> {
  // A process that ends while we look, or is another user's, has nothing to show.
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return (await read('cmdline')).includes(path) || (await read('environ')).includes(path)
}
