import type { Operation } from './reference-of.ts'

export interface OperationGroup {
  readonly group: string
  readonly operations: readonly Operation[]
}

/** The operations that have every word of a search in their path, method, name, group or summary; by group, in order. */
export function findOperations(operations: readonly Operation[], search: string): readonly OperationGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = operations.filter(({ id, method, path, group, summary }) => {
    const text = `${id} ${method} ${path} ${group} ${summary}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Set(found.map(({ group }) => group))
  return [...groups].map((group) => ({
    group,
    operations: found.filter((operation) => operation.group === group),
  }))
}
