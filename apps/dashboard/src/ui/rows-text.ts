/** Which rows a page holds, and of how many: `26–50 of 57`. `page` counts from 1. */
export function rowsText(page: number, pageSize: number, total: number): string {
  const first = Math.min(total, (page - 1) * pageSize + 1)
  return `${first}–${Math.min(total, page * pageSize)} of ${total}`
}
