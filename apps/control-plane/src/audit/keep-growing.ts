import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlaneContext } from '../context.ts'
import { anchorActivity } from './anchor-activity.ts'
import { settleIntents } from './audited-change.ts'
import { growAuditLog } from './grow-audit-log.ts'

/** How long a written entry may stand outside the signed log. */
const LOOK_MS = 1_000

export interface AuditLogGrowth {
  /** Lets a round that runs finish. Safe to call again. */
  stop(): Promise<void>
}

/** Takes new entries into the signed log, every second, until stopped; any number of processes may. Outlives an outage of the database. */
export function keepAuditLogGrowing(context: ControlPlaneContext): AuditLogGrowth {
  const stopping = new AbortController()
  const finished = keepGrowing()
  return {
    async stop() {
      stopping.abort()
      await finished
    },
  }

  async function keepGrowing(): Promise<void> {
    let anchoredSize = 0
    while (!stopping.signal.aborted) {
      try {
        await settleIntents(context)
        const head = await growAuditLog(context)
        if (head !== undefined && head.size > anchoredSize) {
          await anchorActivity(context)
          anchoredSize = head.size
        }
      } catch (error) {
        context.log.warn({ err: error }, 'the activity log does not grow; trying again')
      }
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
}
