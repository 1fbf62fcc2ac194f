import { defineEndpoint } from '../endpoint.ts'
import { KeyEnvironment } from '../environment.ts'
import { IdOf, Instant, Nullable, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'

export const PermissionName = Type.Union([
  Type.Literal('balance:read'),
  Type.Literal('balance:write'),
  Type.Literal('webhooks:read'),
  Type.Literal('webhooks:write'),
])

const KeyName = Text({ minLength: 1, maxLength: 100 })

/** A key as it may be shown at any time: never with its secret. */
export const ApiKey = Type.Object({
  id: IdOf('key'),
  name: Type.String(),
  environment: KeyEnvironment,
  /** `pk_test_PUBLIC`: enough to recognise it, not to use it. */
  publicKey: Type.String(),
  permissions: Type.Array(PermissionName),
  active: Type.Boolean(),
  createdAt: Instant,
  /** When it stops working; for a key that was rotated, the end of its grace. */
  expiresAt: Nullable(Instant),
  /** Right within 60 seconds. */
  lastUsedAt: Nullable(Instant),
  revokedAt: Nullable(Instant),
  /** The key that took its place. */
  rotatedTo: Nullable(IdOf('key')),
})

/** A key in the one answer that shows its secret. */
export const NewApiKey = Type.Object({
  ...ApiKey.properties,
  secretKey: Type.Unsafe<string>({ type: 'string', 'x-secret': true }),
  fullKey: Type.Unsafe<string>({ type: 'string', 'x-secret': true }),
})

const KeyPermissions = Type.Array(PermissionName, { minItems: 1, maxItems: 4, uniqueItems: true })

export const createKeyBody = {
  name: KeyName,
  permissions: Type.Optional(KeyPermissions),
  expiresAt: Type.Optional(Instant),
}

/** Left out = as it is. An empty body changes nothing. */
export const updateKeyBody = {
  name: Type.Optional(KeyName),
  active: Type.Optional(Type.Boolean()),
  permissions: Type.Optional(KeyPermissions),
}

/** The successor, and until when the key that it replaces goes on working. */
export const RotatedApiKey = Type.Object({
  ...NewApiKey.properties,
  replaces: Type.Object({ id: IdOf('key'), expiresAt: Instant }),
})

/** Where a rotation names no grace: a day. */
export const GRACE_SECONDS_DEFAULT = 86_400

export const rotateKeyBody = {
  /** How long the old key goes on beside its successor: not at all, an hour, a day, a week. */
  gracePeriodSeconds: Type.Optional(
    Type.Union([Type.Literal(0), Type.Literal(3_600), Type.Literal(86_400), Type.Literal(604_800)]),
  ),
}

export const createApiKey = defineEndpoint({
  id: 'createApiKey',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/api-keys',
  auth: { kind: 'user', role: 'developer', verified: true },
  summary: 'Create an API key. Its secret is shown here and never again.',
  body: Strict({ ...createKeyBody, environment: Type.Optional(KeyEnvironment) }),
  success: { status: 201, data: NewApiKey },
  problems: ['PLAN_UPGRADE_REQUIRED', 'CONTRACT_NOT_DEPLOYED'],
})

export const listApiKeys = defineEndpoint({
  id: 'listApiKeys',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/api-keys',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'API keys of both environments, newest first.',
  query: Strict({
    page: Type.Optional(Whole({ minimum: 1, maximum: 100_000, default: 1 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 20 })),
    environment: Type.Optional(KeyEnvironment),
  }),
  success: {
    status: 200,
    data: Type.Object({
      items: Type.Array(ApiKey),
      total: Type.Integer(),
      page: Type.Integer(),
      limit: Type.Integer(),
      /** Environments whose plane could not be asked; the others are listed. */
      unavailable: Type.Optional(Type.Array(KeyEnvironment)),
    }),
  },
  problems: [],
})

const ByKey = Strict({ keyId: Text({ minLength: 1, maxLength: 128 }) })

export const getApiKey = defineEndpoint({
  id: 'getApiKey',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/api-keys/:keyId',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'One API key, of either environment.',
  params: ByKey,
  success: { status: 200, data: ApiKey },
  problems: ['NOT_FOUND'],
})

export const updateApiKey = defineEndpoint({
  id: 'updateApiKey',
  surface: 'dashboard',
  method: 'PATCH',
  path: '/dashboard/api-keys/:keyId',
  auth: { kind: 'user', role: 'developer' },
  summary: 'Rename an API key, switch it off or on, or change what it may do.',
  params: ByKey,
  body: Strict(updateKeyBody),
  success: { status: 200, data: ApiKey, message: 'API key updated' },
  problems: ['NOT_FOUND', 'API_KEY_REVOKED'],
})

export const rotateApiKey = defineEndpoint({
  id: 'rotateApiKey',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/api-keys/:keyId/rotate',
  auth: { kind: 'user', role: 'developer', verified: true },
  summary: 'Replace an API key by a successor with the same settings. Both work until the grace period ends.',
  params: ByKey,
  body: Strict(rotateKeyBody),
  success: { status: 201, data: RotatedApiKey },
  problems: ['NOT_FOUND', 'API_KEY_REVOKED', 'API_KEY_NOT_ROTATABLE'],
})

export const revokeApiKey = defineEndpoint({
  id: 'revokeApiKey',
  surface: 'dashboard',
  method: 'DELETE',
  path: '/dashboard/api-keys/:keyId',
  auth: { kind: 'user', role: 'developer' },
  summary: 'Revoke an API key for good, everywhere within 5 seconds.',
  params: ByKey,
  success: { status: 200, data: ApiKey, message: 'API key revoked' },
  problems: ['NOT_FOUND'],
})
