import { Type } from 'typebox'
import { defineEndpoint } from '../endpoint.ts'
import { KeyEnvironment } from '../environment.ts'
import { IdOf, Instant, Nullable, Strict, Text, Whole } from '../field.ts'

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
  expiresAt: Nullable(Instant),
  lastUsedAt: Nullable(Instant),
  revokedAt: Nullable(Instant),
})

export const createKeyBody = {
  name: KeyName,
  permissions: Type.Optional(Type.Array(PermissionName, { minItems: 1, maxItems: 4, uniqueItems: true })),
  expiresAt: Type.Optional(Instant),
}

export const createApiKey = defineEndpoint({
  id: 'createApiKey',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/api-keys',
  auth: { kind: 'user', role: 'developer', verified: true },
  summary: 'Create an API key. Its secret is shown here and never again.',
  body: Strict({ ...createKeyBody, environment: Type.Optional(KeyEnvironment) }),
  success: {
    status: 201,
    data: Type.Object({
      ...ApiKey.properties,
      secretKey: Type.Unsafe<string>({ type: 'string', 'x-secret': true }),
      fullKey: Type.Unsafe<string>({ type: 'string', 'x-secret': true }),
    }),
  },
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

export const revokeApiKey = defineEndpoint({
  id: 'revokeApiKey',
  surface: 'dashboard',
  method: 'DELETE',
  path: '/dashboard/api-keys/:keyId',
  auth: { kind: 'user', role: 'developer' },
  summary: 'Revoke an API key for good, everywhere within 5 seconds.',
  params: Strict({ keyId: Text({ minLength: 1, maxLength: 128 }) }),
  success: { status: 200, data: ApiKey, message: 'API key revoked' },
  problems: ['NOT_FOUND'],
})
