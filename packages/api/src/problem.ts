/** What a caller should do after a refusal: the same call later, a changed call, or give up. */
export type Retry = 'later' | 'after-change' | 'never'

export interface ProblemKind {
  readonly status: number
  readonly retry: Retry
  /** Public text when the place that raises it has nothing more exact to say. Tells the caller what to do. */
  readonly message: string
}

/**
 * The one registry of refusals. A code is API: never renamed, never reused. Each has a page in `docs/problems/CODE.md`,
 * kept equal by test. Sources: product.md §2 "Status codes", §3, §4.
 */
export const problems = {
  VALIDATION_ERROR: { status: 400, retry: 'after-change', message: 'Validation failed' },
  INVALID_SCOPE_COMBINATION: {
    status: 400,
    retry: 'after-change',
    message:
      'These scope fields cannot be combined. Send a period, or a preset, or two dates, or a checkpoint.',
  },
  CHAIN_MISMATCH: {
    status: 400,
    retry: 'after-change',
    message:
      'X-Chain-Id does not belong to the environment of this API key. Leave the header out, or correct it.',
  },
  INVALID_VERIFICATION_TOKEN: {
    status: 400,
    retry: 'never',
    message: 'This link is invalid, expired or already used. Ask for a new one.',
  },
  INVALID_RESET_TOKEN: {
    status: 400,
    retry: 'never',
    message: 'This link is invalid, expired or already used. Ask for a new one.',
  },
  INVALID_INVITATION: {
    status: 400,
    retry: 'never',
    message: 'This invitation is invalid, expired, withdrawn or for another address. Ask for a new one.',
  },
  INVALID_SIGNATURE: {
    status: 400,
    retry: 'after-change',
    message: 'The signature of this event is missing, wrong or too old.',
  },
  INVALID_API_KEY: { status: 401, retry: 'after-change', message: 'Invalid API key' },
  API_KEY_DISABLED: { status: 401, retry: 'after-change', message: 'API key disabled' },
  INVALID_CREDENTIALS: { status: 401, retry: 'after-change', message: 'Invalid email or password' },
  INVALID_TOKEN: { status: 401, retry: 'after-change', message: 'Missing or invalid token. Log in again.' },
  TOKEN_EXPIRED: { status: 401, retry: 'after-change', message: 'JWT expired' },
  INSUFFICIENT_CREDITS: {
    status: 402,
    retry: 'after-change',
    message: 'The allowance of this plan is used up. Upgrade the plan to write more deltas; reads go on.',
  },
  API_KEY_ENVIRONMENT_HOST_MISMATCH: {
    status: 403,
    retry: 'after-change',
    message: 'This API key belongs to the other environment. Send it to that environment.',
  },
  INSUFFICIENT_PERMISSION: {
    status: 403,
    retry: 'after-change',
    message: 'This credential lacks the permission for this call.',
  },
  PLAN_UPGRADE_REQUIRED: {
    status: 403,
    retry: 'after-change',
    message: 'Production requires a paid plan. Upgrade to Pilot or above first.',
  },
  EMAIL_NOT_VERIFIED: { status: 403, retry: 'after-change', message: 'Verify your email address first.' },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    retry: 'never',
    message: 'API keys may not be used from a browser page of another origin. Call from your server.',
  },
  NOT_FOUND: { status: 404, retry: 'after-change', message: 'Not found' },
  CUSTOMER_NOT_FOUND: { status: 404, retry: 'after-change', message: 'Customer not found' },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    retry: 'after-change',
    message: 'This Idempotency-Key was already used with another request. Use a new key for a new request.',
  },
  API_KEY_REVOKED: {
    status: 409,
    retry: 'never',
    message: 'This API key was revoked for good. Create a new one.',
  },
  API_KEY_NOT_ROTATABLE: {
    status: 409,
    retry: 'never',
    message: 'This API key cannot be rotated: it has a successor already, or has expired.',
  },
  NO_SUBSCRIPTION: {
    status: 409,
    retry: 'after-change',
    message: 'This tenant has no subscription.',
  },
  ALREADY_MEMBER: {
    status: 409,
    retry: 'never',
    message: 'This person is a member of the team already.',
  },
  LAST_OWNER: {
    status: 409,
    retry: 'after-change',
    message: 'A tenant keeps at least one owner. Make somebody else an owner first.',
  },
  CUSTOMER_EXISTS: {
    status: 409,
    retry: 'after-change',
    message: 'This customer exists already. Use another customerId, or the customer that is there.',
  },
  WRITE_KEY_TAKEN: {
    status: 409,
    retry: 'after-change',
    message: 'A key belongs to the account of its first write. Use another key, or that account.',
  },
  DELTA_VOID: {
    status: 409,
    retry: 'after-change',
    message: 'This delta was damaged before it was verified, and is void: emit it again under another key',
  },
  CONTRACT_NOT_DEPLOYED: {
    status: 412,
    retry: 'after-change',
    message: 'No contract deployed. Provision an environment first.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, retry: 'after-change', message: 'The request body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retry: 'after-change',
    message: 'Send the body as Content-Type: application/json.',
  },
  ADJUSTED_DELTA_NOT_FOUND: {
    status: 422,
    retry: 'after-change',
    message: 'adjusts names no delta of this customer.',
  },
  ADJUSTED_DELTA_AMBIGUOUS: {
    status: 422,
    retry: 'after-change',
    message: 'adjusts.referenceId names more than one delta of this customer. Name the recordId.',
  },
  ENTERPRISE_BY_CONTRACT: {
    status: 422,
    retry: 'after-change',
    message: 'Enterprise is by contract. Write to sales@pacspace.io.',
  },
  RATE_LIMITED: { status: 429, retry: 'later', message: 'Rate limit exceeded. Back off and retry.' },
  INTERNAL_ERROR: {
    status: 500,
    retry: 'later',
    message: 'Something broke on our side. Retry with the same Idempotency-Key, or send us the requestId.',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    retry: 'later',
    message: 'The service cannot answer at the moment. Retry with the same Idempotency-Key.',
  },
  CLOCK_UNSURE: {
    status: 503,
    retry: 'later',
    message: 'The clocks of this service disagree; writes wait until they agree again. Retry later.',
  },
  LOG_BEHIND_ANCHOR: {
    status: 503,
    retry: 'later',
    message:
      'The ledger is behind its anchor after a restore; writes wait until an operator has recovered it.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems

export const problemCodes = Object.keys(problems) as ProblemCode[] // keys of the literal above

/** One member of `details`: where in the request, and what is wrong there. `path` is a JSON pointer. */
export interface ProblemDetail {
  readonly path: string
  readonly message: string
}

export interface ProblemOptions {
  /** Public text instead of the registry's. */
  readonly message?: string
  readonly details?: readonly ProblemDetail[]
  /** Whole seconds for `Retry-After`; 503 and 429 always carry one (default 1). */
  readonly retryAfterSeconds?: number
  /** For the log only. */
  readonly internal?: string
  readonly cause?: unknown
}

/** An expected refusal. Thrown anywhere below a handler; the service turns it into the error envelope, once. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.message ?? problems[code].message, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.options = options
  }

  get status(): number {
    return problems[this.code].status
  }
}

/** The refusal of one bad field. `path`: JSON pointer into body, query or path parameters. */
export function validationProblem(path: string, text: string): Problem {
  return new Problem('VALIDATION_ERROR', {
    message: `Validation failed: ${path === '' ? 'the request' : path.slice(1).replaceAll('/', '.')} ${text}`,
    details: [{ path, message: text }],
  })
}
