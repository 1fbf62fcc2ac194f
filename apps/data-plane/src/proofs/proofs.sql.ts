import type { Db } from '@pacspace/service/postgres'

/** The signed head of exactly this size, as text. Primary key. */
export async function selectNote(db: Db, tenantNo: number, size: number): Promise<string | undefined> {
  const { rows } = await db.query<{ note: string }>(
    { name: 'select_note', text: 'select note from log_note where tenant_id = $1 and size = $2' },
    [tenantNo, size],
  )
  return rows[0]?.note
}

export interface TileSlice {
  readonly level: number
  readonly tile_index: number
  /** First hash of the slice, from 0. */
  readonly first: number
  /** 32 bytes a hash. */
  readonly hashes: Buffer
}

/** Parts of full tiles. Primary key; TOAST fetches only the chunks that hold the part (storage external). */
export async function selectTileSlices(
  db: Db,
  tenantNo: number,
  wanted: readonly {
    readonly level: number
    readonly index: number
    readonly first: number
    readonly count: number
  }[],
): Promise<TileSlice[]> {
  const { rows } = await db.query<TileSlice>(
    {
      name: 'select_tile_slices',
      text: `select t.level, t.tile_index, w.first, substr(t.hashes, w.first * 32 + 1, w.count * 32) as hashes
               from unnest($2::smallint[], $3::bigint[], $4::int[], $5::int[]) as w (level, tile_index, first, count)
               join log_tile t on t.tenant_id = $1 and t.level = w.level and t.tile_index = w.tile_index`,
    },
    [
      tenantNo,
      wanted.map((one) => one.level),
      wanted.map((one) => one.index),
      wanted.map((one) => one.first),
      wanted.map((one) => one.count),
    ],
  )
  return rows
}

/** Roots of full tiles of one level, `from` inclusive, `to` exclusive, in order: the hashes of the level above. */
export async function selectTileRoots(
  db: Db,
  tenantNo: number,
  level: number,
  from: number,
  to: number,
): Promise<Buffer[]> {
  const { rows } = await db.query<{ root: Buffer }>(
    {
      name: 'select_tile_roots',
      text: `select root from log_tile
              where tenant_id = $1 and level = $2 and tile_index >= $3 and tile_index < $4
              order by tile_index`,
    },
    [tenantNo, level, from, to],
  )
  return rows.map((row) => row.root)
}

/** Customer roots that the deltas of a stretch of the log commit to, in order. Primary key. */
export async function selectEntryRoots(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<{ readonly log_index: number; readonly items_root: Buffer }[]> {
  const { rows } = await db.query<{ log_index: number; items_root: Buffer }>(
    {
      name: 'select_entry_roots',
      text: `select log_index, items_root from delta
              where tenant_id = $1 and log_index >= $2 and log_index < $3
              order by log_index`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface PublicLog {
  readonly origin: string
  readonly public_key: Buffer
  /** The signed head of the verified size; null before the first. */
  readonly note: string | null
}

/** A log by its public name. The one read that starts from no tenant: the name is 128 random bits. */
export async function selectPublicLog(db: Db, logId: string): Promise<PublicLog | undefined> {
  const { rows } = await db.query<PublicLog>(
    {
      name: 'select_public_log',
      text: `select l.origin, l.public_key, n.note
               from log l
               join verified_head v on v.tenant_id = l.tenant_id
               left join log_anchor a on a.tenant_id = l.tenant_id and a.level = 'file' and a.size = v.size
               left join log_note n on n.tenant_id = a.tenant_id and n.size = a.size
              where l.log_id = $1`,
    },
    [logId],
  )
  return rows[0]
}

export interface PublicLogSize {
  readonly tenant_id: number
  readonly verified_size: number
}

/** How far a log is verified, by its public name. Unique index on log_id. */
export async function selectPublicLogSize(db: Db, logId: string): Promise<PublicLogSize | undefined> {
  const { rows } = await db.query<PublicLogSize>(
    {
      name: 'select_public_log_size',
      text: `select l.tenant_id, v.size as verified_size
               from log l
               join verified_head v on v.tenant_id = l.tenant_id
              where l.log_id = $1`,
    },
    [logId],
  )
  return rows[0]
}
