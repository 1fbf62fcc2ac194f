/**
 * How much of a crash the cluster survives. `full`: everything that was committed survives a power cut.
 * `test`: fsync off; commits survive the death of the server, not that of the machine.
 */
export type Durability = 'full' | 'test'

/** Settings by name, as in postgresql.conf. */
export type Settings = Readonly<Record<string, string>>

/** Chosen for a machine of 2 cores that also runs Node and up to two more clusters. */
const common: Settings = {
  // Reached only by this machine. A socket file would need a short path that both users may enter.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',

  // Three clusters share the machine: the heads and the newest rows stay here, the operating system caches the rest.
  shared_buffers: '256MB',

  // A page is written whole after each checkpoint. Rare checkpoints keep that small under load; replaying 2 GB of
  // WAL after a crash takes some ten seconds, which is the price.
  checkpoint_timeout: '10min',
  max_wal_size: '2GB',
  min_wal_size: '256MB', // recycled segments cost less than new ones

  // Statements are short and read by primary key: compiling them, handing reads to worker processes (which PostgreSQL
  // does by default since 18) or splitting them over both cores costs more than it gives.
  jit: 'off',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1', // solid-state disks

  timezone: 'UTC',
  log_timezone: 'UTC',

  // Neither details nor statements: they quote rows, and rows hold what customers sent.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
}

/** The three promises of a durable commit are PostgreSQL's defaults; written out so that no file can undo them. */
const full: Settings = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',

  // One file per weekday, emptied when its day returns, so that the log has a bound without anybody's care.
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgres-%u.log',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'on',
}

/**
 * Commits still reach the operating system before they are acknowledged (synchronous_commit stays on), so a test may
 * kill the server and expect to find them.
 */
const test: Settings = {
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  min_wal_size: '80MB',
}

/** The settings of a cluster: ours, then those of its durability, then the caller's. */
export function clusterSettings(durability: Durability, port: number, name: string, own: Settings): Settings {
  return {
    ...common,
    ...(durability === 'full' ? { ...full, ...syncMethod() } : test),
    cluster_name: name,
    port: String(port),
    ...own,
  }
}

/** macOS answers fsync and fdatasync while the data is still in the drive's cache; only this one waits. */
function syncMethod(): Settings {
  return process.platform === 'darwin' ? { wal_sync_method: 'fsync_writethrough' } : {}
}

/**
 * The server's command line for these settings. Given there and not in postgresql.conf, they win over that file and
 * over ALTER SYSTEM, and a running server shows what it was started with.
 */
export function serverArguments(dataDir: string, settings: Settings): string[] {
  return ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}
