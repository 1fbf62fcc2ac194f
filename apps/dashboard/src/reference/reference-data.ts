import type { Operation } from './reference-of.ts'

/** Put in place when the dashboard is built: vite.config.ts. */
declare const __API_REFERENCE__: {
  readonly balance: readonly Operation[]
  readonly dashboard: readonly Operation[]
}

/** Every route: what an API key opens (and what is open to anybody), then what a log-in opens. */
export const surfaces: readonly { readonly title: string; readonly operations: readonly Operation[] }[] = [
  { title: 'Balance API', operations: __API_REFERENCE__.balance },
  { title: 'Dashboard API', operations: __API_REFERENCE__.dashboard },
]

/** One route by its id. */
export function operationOf(id: string): Operation | undefined {
  return surfaces.flatMap(({ operations }) => operations).find((operation) => operation.id === id)
}
