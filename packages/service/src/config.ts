/**
 * Configuration comes from environment variables, is read once at start, and everything wrong with it is said at once.
 * A process declares what it needs: `defineConfig({ port: port('PACSPACE_PORT'), … })`.
 */
export interface Field<T> {
  readonly variable: string
  readonly isRequired: boolean
  /** What an unset or empty variable stands for. */
  readonly fallback: T
  /** Parses what was set. Throws `Refusal`; its text must not repeat the value, which may be a secret. */
  parse(text: string): T
}

type Fields = Readonly<Record<string, Field<unknown>>>

/** The parsed configuration that a declaration gives. */
export type ConfigOf<F> =
  F extends Config<infer Declared> ? { readonly [Name in keyof Declared]: ValueOf<Declared[Name]> } : never

type ValueOf<F> = F extends Field<infer T> ? T : never

export interface Config<F extends Fields> {
  readonly fields: F
  /** Raises `ConfigError`. */
  parse(env: Readonly<Record<string, string | undefined>>): { readonly [Name in keyof F]: ValueOf<F[Name]> }
}

/** Every variable that is missing or wrong, one line each. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly refusals: readonly string[]

  constructor(refusals: readonly string[]) {
    super(`wrong configuration:\n${refusals.map((line) => `  ${line}`).join('\n')}`)
    this.refusals = refusals
  }
}

/** Why a value is refused; completes the sentence "PACSPACE_PORT …". */
class Refusal extends Error {}

/** Declares the configuration of a process. */
export function defineConfig<F extends Fields>(fields: F): Config<F> {
  return {
    fields,
    parse(env) {
      const refusals: string[] = []
      const values: Record<string, unknown> = {}
      for (const [name, field] of Object.entries(fields)) values[name] = read(field, env, refusals)
      if (refusals.length > 0) throw new ConfigError(refusals)
      // One value for each field, each from its own parser.
      return values as { readonly [Name in keyof F]: ValueOf<F[Name]> }
    },
  }
}

function read(
  field: Field<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  refusals: string[],
): unknown {
  const text = env[field.variable]
  if (text === undefined || text === '') {
    if (field.isRequired) refusals.push(`${field.variable} is not set`)
    return field.fallback
  }
  try {
    return field.parse(text)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refusals.push(`${field.variable} ${error.message}`)
    return undefined
  }
}

function required<T>(variable: string, parse: (text: string) => T): Field<T> {
  // The fallback of a required field is never seen: its absence is refused.
  return { variable, isRequired: true, fallback: undefined as T, parse }
}

/** A field that may be unset and then is `fallback`. */
export function withDefault<T>(field: Field<T>, fallback: T): Field<T> {
  return { ...field, isRequired: false, fallback }
}

/** A field that may be unset and then is undefined. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, isRequired: false, fallback: undefined }
}

/** Any text. */
export function text(variable: string): Field<string> {
  return required(variable, (value) => value)
}

/** A secret that people or other processes share: at least 32 characters, and none of the samples in documentation. */
export function secret(variable: string): Field<string> {
  return required(variable, (value) => {
    if (value.length < SECRET_CHARACTERS_MIN)
      throw new Refusal(`must have at least ${SECRET_CHARACTERS_MIN} characters`)
    if (/change.?me|example|secret.?secret|^(.)\1*$/i.test(value))
      throw new Refusal('must not be a sample value')
    return value
  })
}

/** A key of `length` bytes, base64. */
export function base64Key(variable: string, length: number): Field<Uint8Array> {
  return required(variable, (value) => {
    const bytes = Buffer.from(value, 'base64')
    if (bytes.length !== length || bytes.toString('base64') !== value) {
      throw new Refusal(`must be ${length} bytes in base64`)
    }
    return bytes
  })
}

/** `postgres://user:password@host:port/database` */
export function postgresUrl(variable: string): Field<string> {
  return required(variable, (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
      throw new Refusal('must be a URL like postgres://user:password@host:5432/database')
    }
    return value
  })
}

/** An http or https URL, given without a slash at its end. */
export function httpUrl(variable: string): Field<string> {
  return required(variable, (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
      throw new Refusal('must be an http or https URL')
    }
    return value.replace(/\/+$/, '')
  })
}

/** A TCP port; 0 = any free one. */
export function port(variable: string): Field<number> {
  return wholeNumber(variable, { minimum: 0, maximum: 65_535 })
}

/** A whole number, bounds included. */
export function wholeNumber(
  variable: string,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): Field<number> {
  return required(variable, (value) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= minimum && number <= maximum)) {
      throw new Refusal(`must be a whole number from ${minimum} to ${maximum}`)
    }
    return number
  })
}

/** `true` or `false`, also written 1 and 0; unset = false. */
export function flag(variable: string): Field<boolean> {
  const field = required(variable, (value) => {
    if (value === 'true' || value === '1') return true
    if (value === 'false' || value === '0') return false
    throw new Refusal('must be true or false')
  })
  return withDefault(field, false)
}

/** One of a few words. */
export function oneOf<const Choice extends string>(
  variable: string,
  choices: readonly Choice[],
): Field<Choice> {
  return required(variable, (value) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) throw new Refusal(`must be one of: ${choices.join(', ')}`)
    return choice
  })
}

/** Comma-separated; unset = none. */
export function list(variable: string): Field<readonly string[]> {
  const field = required<readonly string[]>(variable, (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  return withDefault(field, [])
}

const SECRET_CHARACTERS_MIN = 32
