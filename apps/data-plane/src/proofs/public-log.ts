import * as api from '@pacspace/api/definition/public-log'
import { Problem } from '@pacspace/api/problem'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { implement } from '../context.ts'
import { selectPublicLog } from './proofs.sql.ts'

/** The newest verified head of a log, signed (C2SP tlog-checkpoint). For anybody; says nothing of what it covers. */
export const getLogCheckpoint = implement(api.getLogCheckpoint, async ({ input }, { db }) => {
  const log = await selectPublicLog(db, input.params.logId)
  if (log?.note == null) throw new Problem('NOT_FOUND')
  return log.note
})

/** The public key of a log (C2SP verifier key), one line. */
export const getLogKey = implement(api.getLogKey, async ({ input }, { db }) => {
  const log = await selectPublicLog(db, input.params.logId)
  if (log === undefined) throw new Problem('NOT_FOUND')
  return `${formatVerifierKey(verifierKey(log.origin, log.public_key))}\n`
})
