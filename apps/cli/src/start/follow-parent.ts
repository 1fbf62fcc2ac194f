/**
 * Loaded into every child before its program (`node --import`): when the supervisor is gone, however it went, the
 * child ends too. Not part of the services, which know no supervisor: in production each runs by itself.
 */

/** A service that drains finishes what is in flight; one that cannot is ended, so that its ports are free again. */
const leaveTimeoutMs = 5_000

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), leaveTimeoutMs).unref()
  process.kill(process.pid, 'SIGTERM')
})
// Listening for it must not keep a process alive that has drained and ended its work.
process.channel?.unref()
