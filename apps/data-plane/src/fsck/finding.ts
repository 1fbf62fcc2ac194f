/** Something stored that is not what was derived. */
export interface Finding {
  readonly table: string
  /** Which row, by its key: `log_index 5`. */
  readonly row: string
  /** Names the columns, what they hold and what they should. */
  readonly text: string
  /** Log index of the first delta that is not proved while this stands. */
  readonly logIndex: number
}

/** One line for people: table, row, column. */
export function describeFinding({ table, row, text }: Finding): string {
  return `${table}: ${row}: ${text}`
}

/** The same for rows of a tenant without a log. */
export function describeOrphan(orphan: { readonly name: string; readonly tenant_id: number }): string {
  return `${orphan.name}: rows of tenant ${orphan.tenant_id}, which has no log`
}
