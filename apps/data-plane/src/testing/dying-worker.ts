/** The worker process, which dies as by kill -9 when it first comes to the step that DIE_AT_STEP names. */
import { runService } from '@pacspace/service/service-main'
import { startWorker } from '../worker-process.ts'

await runService('dying worker', (startup) =>
  startWorker(startup, async (step) => {
    if (step !== process.env.DIE_AT_STEP) return
    process.kill(process.pid, 'SIGKILL')
    // The signal is delivered while nothing more of this step runs.
    await new Promise(() => {})
  }),
)
