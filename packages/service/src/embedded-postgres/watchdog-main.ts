/** The process that `watchdog.ts` starts: `node watchdog-main.ts DATA_DIR CLUSTER_NAME FOLDER…` */
import { rm } from 'node:fs/promises'
import { postmastersOn, stopPostmaster } from './postmaster.ts'

const [dataDir = '', clusterName = '', ...folders] = process.argv.slice(2)

process.stdin.resume()
process.stdin.once('end', async () => {
  // Found by its command line: a server that has just been started has not written postmaster.pid yet.
  for (const pid of await postmastersOn(dataDir)) await stopPostmaster(pid, dataDir, clusterName)
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})
