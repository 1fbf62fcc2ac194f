import { styleText } from 'node:util'

/** Where the supervisor speaks to the person who started it. */
export interface Terminal {
  /** Something worth knowing. */
  say(text: string): void
  /** Something that went wrong, or may. */
  warn(text: string): void
}

/** Speaks to the terminal: facts on stdout, troubles on stderr. */
export const terminal: Terminal = {
  say: (text) => void process.stdout.write(`${text}\n`),
  warn: (text) => void process.stderr.write(`${styleText('yellow', text, { stream: process.stderr })}\n`),
}

/** Says nothing but troubles. */
export const quietTerminal: Terminal = { say: () => {}, warn: terminal.warn }

const levelNames: Readonly<Record<string, string>> = {
  40: 'warning',
  50: 'error',
  60: 'fatal',
  warn: 'warning',
}
/** Cheap look before parsing: most lines of a busy service are neither. */
const troubled = /"level":\s*(?:[456]0|"(?:warn|error|fatal)")/

const stackFrame = /^\s+at /

/**
 * A line of a service's log as a person reads it, or undefined where it is not worth the terminal: JSON lines below
 * warning stay in the file, and so do the frames of a stack. What else is not JSON is shown as it is.
 */
export function readableLine(name: string, line: string): string | undefined {
  if (line.trim() === '' || stackFrame.test(line)) return undefined
  if (!line.startsWith('{')) return `${name}: ${line}`
  if (!troubled.test(line)) return undefined
  const fields = parse(line)
  if (fields === undefined) return `${name}: ${line}`
  const level = levelNames[String(fields.level)] ?? String(fields.level)
  const { refusals } = fields
  const parts = [
    text(fields.msg),
    text(member(fields.err, 'message')),
    ...(Array.isArray(refusals) ? refusals.map(text) : []), // of a wrong configuration
    text(fields.requestId),
  ]
  return `${name}: ${level}: ${[...new Set(parts.filter((part) => part !== ''))].join(', ')}`
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined // cut or mixed with other output: shown raw
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
