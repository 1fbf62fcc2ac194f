import type { ProblemCode } from '@pacspace/api/problem'

/** Beside the codes of the product: the server did not answer, or what it said was no answer of ours. */
export type ApiProblemCode = ProblemCode | 'UNREACHABLE' | 'NOT_UNDERSTOOD'

export interface ApiProblemFacts {
  readonly code: ApiProblemCode
  /** 0 where there was no answer. */
  readonly status: number
  readonly message: string
  readonly requestId?: string | undefined
  readonly details?: readonly { readonly path: string; readonly message: string }[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** A call that was refused or had no answer. Decide by `code`. */
export class ApiProblem extends Error {
  override name = 'ApiProblem'
  readonly code: ApiProblemCode
  readonly status: number
  readonly requestId: string | undefined
  readonly details: readonly { readonly path: string; readonly message: string }[]
  readonly retryAfterSeconds: number | undefined

  constructor(facts: ApiProblemFacts, options?: ErrorOptions) {
    super(facts.message, options)
    this.code = facts.code
    this.status = facts.status
    this.requestId = facts.requestId
    this.details = facts.details ?? []
    this.retryAfterSeconds = facts.retryAfterSeconds
  }

  /** What is wrong with one field of the body that was sent (`/email`). */
  detailOf(path: string): string | undefined {
    return this.details.find((detail) => detail.path === path)?.message
  }
}

/** True for a refusal with this code. */
export function isProblem(error: unknown, code: ApiProblemCode): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code
}
