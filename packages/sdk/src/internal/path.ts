import { PacSpaceError } from '../core/error.ts'

/**
 * A path with its parameters percent-encoded, the only way to put a value into one: path`/derive/${customerId}`.
 * Raises `INVALID_OPTION` for what cannot be a path segment: nothing, and `.` and `..`, which URL parsers resolve away
 * even when they are percent-encoded (WHATWG URL, "double-dot URL path segment").
 */
export function path(texts: TemplateStringsArray, ...values: string[]): string {
  return texts.map((text, i) => text + (i < values.length ? segment(values[i] ?? '') : '')).join('')
}

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..' || !value.isWellFormed()) {
    throw new PacSpaceError('INVALID_OPTION', `${JSON.stringify(value)} cannot be an id`)
  }
  return encodeURIComponent(value)
}

/** A query string with its `?`, or nothing. Undefined members are left out. */
export function queryText(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
