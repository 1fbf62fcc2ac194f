import { Problem, type ProblemDetail } from '@pacspace/api/problem'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { addFieldKeywords } from './field-keywords.ts'

/** Details that a refusal names; the rest is counted. */
export const DETAILS_MAX = 20

/** A field name of the caller's own that a message repeats. */
const NAME_CHARACTERS_MAX = 64

export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  /** `message`: without the leading "Validation failed: ". */
  | { readonly ok: false; readonly message: string; readonly details: readonly ProblemDetail[] }

/**
 * Checks a value as received and replaces, in place, what the field keywords parse: amounts, instants (`field.ts`).
 * Compiled once, when it is first used: for all endpoints at once that is a tenth of a service's start.
 */
export type Validator<T> = (value: unknown) => Validation<T>

const ajv = addFieldKeywords(
  new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    useDefaults: true,
    // Length counts UTF-16 code units, as `Text` says.
    unicode: false,
    logger: false, // which would only say that `unicode` is deprecated
    messages: false,
  }),
)

/** The validator of a schema. `T`: what the schema says (`Static<typeof schema>`). */
export function compileValidator<T>(schema: TSchema): Validator<T> {
  let compiled: ValidateFunction | undefined
  return (value) => {
    compiled ??= ajv.compile(schema)
    const validate = compiled
    if (validate(value)) return { ok: true, value: value as T } // just validated
    return refusalOf(validate)
  }
}

/** The value that a validator accepts. Raises VALIDATION_ERROR naming every bad field. */
export function validated<T>(validator: Validator<T>, value: unknown): T {
  const validation = validator(value)
  if (validation.ok) return validation.value
  throw new Problem('VALIDATION_ERROR', {
    message: `Validation failed: ${validation.message}`,
    details: validation.details,
  })
}

function refusalOf(validate: ValidateFunction): Validation<never> {
  const errors = validate.errors ?? []
  const details: ProblemDetail[] = []
  let more = 0
  for (const error of errors) {
    if (isPartOfUnion(error, errors)) continue
    if (details.length < DETAILS_MAX) details.push(detailOf(error))
    else more++
  }
  const named = details.map(
    ({ path, message }) => `${path === '' ? 'the request' : fieldName(path)} ${message}`,
  )
  if (more > 0) named.push(`and ${more} more`)
  return { ok: false, message: named.join('; '), details }
}

/** `/adjusts/recordId` → `adjusts.recordId`. */
function fieldName(path: string): string {
  return path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What went wrong inside the branches of a union is said once, by the union. */
function isPartOfUnion(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (!error.schemaPath.includes('/anyOf/')) return false
  return errors.some(
    (other) => other.keyword === 'anyOf' && error.schemaPath.startsWith(`${other.schemaPath}/`),
  )
}

function detailOf(error: ErrorObject): ProblemDetail {
  const { params, instancePath } = error
  switch (error.keyword) {
    case 'required':
      return { path: `${instancePath}/${params.missingProperty}`, message: 'is required' }
    case 'additionalProperties': {
      const name = String(params.additionalProperty)
      const shown = name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX)}…` : name
      return {
        path: `${instancePath}/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        message: 'is not a known field',
      }
    }
    default:
      return { path: instancePath, message: textOf(error) }
  }
}

/** Completes the sentence "<field> …". Never repeats the value: it may be a secret. */
function textOf({ keyword, params, parentSchema, message }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return `must be ${article(String(params.type))}`
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`
    case 'maxLength':
      return `must have at most ${params.limit} characters`
    case 'minimum':
      return `must be at least ${params.limit}`
    case 'maximum':
      return `must be at most ${params.limit}`
    case 'minItems':
      return params.limit === 1 ? 'must be a non-empty array' : `must have at least ${params.limit} items`
    case 'maxItems':
      return `must have at most ${params.limit} items`
    case 'uniqueItems':
      return 'must not name the same item twice'
    case 'const':
      return `must be ${String(params.allowedValue)}`
    case 'anyOf':
      return unionText(parentSchema?.anyOf)
    case 'pattern':
      return formText(parentSchema?.description, String(params.pattern))
    default:
      return message ?? 'is not valid'
  }
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}

function formText(description: unknown, pattern: string): string {
  return typeof description === 'string' ? `has the wrong form. ${description}` : `must match ${pattern}`
}

function unionText(branches: unknown): string {
  if (!Array.isArray(branches)) return 'is not valid'
  if (branches.every((branch) => 'const' in branch)) {
    return `must be one of: ${branches.map((branch) => String(branch.const)).join(', ')}`
  }
  if (branches.every((branch) => Array.isArray(branch.required))) {
    const forms = branches.map((branch) => (branch.required as string[]).join(' and ')) // arrays, see above
    return `must be an object with exactly ${forms.join(', or ')}`
  }
  return 'has none of the allowed forms'
}
