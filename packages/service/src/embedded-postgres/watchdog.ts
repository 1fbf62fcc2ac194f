import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Sees to it that a cluster disappears with this process, however it ends: a second process holds the reading end of
 * a pipe whose writing end is ours; when the system closes that, kill -9 included, it ends the server and removes
 * `folders`. An exit handler would miss kill -9 and abort, and cannot wait.
 */
export function watchCluster(cluster: { dataDir: string; clusterName: string; folders: string[] }): void {
  const main = fileURLToPath(import.meta.resolve('./watchdog-main.ts'))
  const watchdog = spawn(process.execPath, [main, cluster.dataDir, cluster.clusterName, ...cluster.folders], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C is for us; the watchdog has to outlive it
    cwd: '/',
    env: {}, // an --inspect-brk in NODE_OPTIONS would make it wait for a debugger
  })
  watchdog.unref()
  // It may keep neither this process alive nor end it: a write error would mean that the watchdog was killed.
  watchdog.stdin.on('error', () => {})
  if ('unref' in watchdog.stdin && typeof watchdog.stdin.unref === 'function') watchdog.stdin.unref()
}
