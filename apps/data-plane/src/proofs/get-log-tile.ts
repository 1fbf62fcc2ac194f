import * as api from '@pacspace/api/definition/public-log'
import { Problem } from '@pacspace/api/problem'
import { parseTilePath, tileWidth } from '@pacspace/proofs/tiles'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { readTile } from './log-nodes.ts'
import { selectPublicLogSize } from './proofs.sql.ts'

/**
 * What stands under a tile's path never changes, a partial tile's either: its width is part of its name and the log only
 * grows. So anybody may keep it for good.
 */
export const FOR_GOOD = { 'Cache-Control': 'public, max-age=31536000, immutable' }

/**
 * A tile or entry bundle of the verified tree (C2SP tlog-tiles, "Merkle Tree" and "Log entries"), for anybody. Partial ones
 * are given in every width that the tree has reached. What is not verified yet is not there.
 */
export const getLogTile = implement(api.getLogTile, async ({ input }, { db }) => {
  const { logId, tilePath } = input.params
  const tile = parseTilePath(`tile/${tilePath}`)
  const bytes = await transaction(
    db,
    async (tx) => {
      const log = await selectPublicLogSize(tx, logId)
      if (log === undefined || tile === undefined) throw new Problem('NOT_FOUND')
      const { level, index, width } = tile
      if (width > tileWidth(level, index, log.verified_size)) throw new Problem('NOT_FOUND')
      return readTile(tx, log.tenant_id, tile)
    },
    { isolation: 'repeatable read', readOnly: true },
  )
  return answer(Buffer.from(bytes), { headers: FOR_GOOD })
})
