/** Tells of something that is not as it must be: in which table, which row, and what. The caller adds whose it is. */
export type Find = (table: string, row: string, text: string) => void

/** One line of a report. `tenant`: its public id, or its number where there is none. */
export function finding(table: string, tenant: string, row: string, text: string): string {
  return `${table}: tenant ${tenant}, ${row}: ${text}`
}
