import { type AuditAction, auditActions } from '../audit-action.ts'
import { defineEndpoint } from '../endpoint.ts'
import { EnvironmentName } from '../environment.ts'
import { IdOf, Instant, Nullable, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'

const Action = Type.Unsafe<AuditAction>(Type.Union(auditActions.map((action) => Type.Literal(action))))

/** What changed, in few words: names, old and new values. Never a secret. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>

const ActorKind = Type.Union([
  Type.Literal('user'),
  Type.Literal('operator'),
  Type.Literal('system'),
  Type.Literal('unknown'),
])

export const ActivityItem = Type.Object({
  id: IdOf('aud'),
  action: Action,
  actor: Type.Object({
    /** `operator`: a command on the server; `system`: a background step of ours; `unknown`: a refused log-in. */
    kind: ActorKind,
    id: Nullable(IdOf('usr')),
    name: Nullable(Type.String()),
  }),
  /** Id of what it was done to; the tenant itself where there is nothing smaller. */
  target: Type.String(),
  environment: Nullable(EnvironmentName),
  details: Type.Unsafe<AuditDetails>({ type: 'object' }),
  /** Where the request came from. */
  address: Nullable(Type.String()),
  requestId: Nullable(Type.String()),
  createdAt: Instant,
  /** Its position in the signed log; null during the second that passes before it is there. */
  logIndex: Nullable(Type.Integer()),
})

export const listActivity = defineEndpoint({
  id: 'listActivity',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/activity',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'What was done in this tenant, by whom and from where, newest first.',
  query: Strict({
    page: Type.Optional(Whole({ minimum: 1, maximum: 100_000, default: 1 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 25 })),
    action: Type.Optional(Action),
    actor: Type.Optional(Text({ minLength: 1, maxLength: 128, description: 'Id of a user' })),
    target: Type.Optional(Text({ minLength: 1, maxLength: 255, description: 'Id of what it was done to' })),
    environment: Type.Optional(EnvironmentName),
    startDate: Type.Optional(Instant),
    endDate: Type.Optional(Instant),
  }),
  success: {
    status: 200,
    data: Type.Object({
      items: Type.Array(ActivityItem),
      pagination: Type.Object({
        total: Type.Integer(),
        page: Type.Integer(),
        limit: Type.Integer(),
        totalPages: Type.Integer(),
      }),
    }),
  },
  problems: [],
})

export const getActivityProof = defineEndpoint({
  id: 'getActivityProof',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/activity/:entryId/proof',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The offline proof that an entry stands in the signed activity log (C2SP tlog-proof).',
  params: Strict({ entryId: Text({ minLength: 1, maxLength: 128 }) }),
  success: { status: 200, bare: true, contentType: 'text/plain; charset=utf-8', data: Type.String() },
  problems: ['NOT_FOUND'],
})

export const getActivityLog = defineEndpoint({
  id: 'getActivityLog',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/activity/log',
  auth: { kind: 'user', role: 'viewer' },
  summary:
    'The signed head of the activity log, the key it is signed with, and the proof that it continues an older one.',
  query: Strict({
    // The size of a head that the caller kept.
    from: Type.Optional(Whole({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      origin: Type.String(),
      size: Type.Integer(),
      /** C2SP tlog-checkpoint, signed. */
      checkpoint: Type.String(),
      /** C2SP verifier key. */
      verifierKey: Type.String(),
      /** With `from`: RFC 6962 §2.1.2, base64 hashes. */
      consistency: Type.Optional(Type.Array(Type.String())),
    }),
  },
  problems: [],
})
