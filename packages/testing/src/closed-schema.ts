import type { TSchema } from 'typebox'

/**
 * The schema of an answer with every object closed: a member that the definition does not name is a leak, or a definition
 * that was forgotten. Objects without declared members (metadata) stay as they are.
 */
export function closedSchema(schema: TSchema): TSchema {
  return close(schema) as TSchema // same schema, objects closed
}

function close(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(close)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, close(value)]))
  if (copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy)) {
    copy.additionalProperties = false
  }
  return copy
}
