import { ProvisioningStatus } from '../definition/environments.ts'
import {
  ApiKey,
  createKeyBody,
  NewApiKey,
  RotatedApiKey,
  rotateKeyBody,
  updateKeyBody,
} from '../definition/keys.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Nullable, PeriodText, Strict, Text, Whole } from '../field.ts'
import { TierName } from '../plan.ts'
import { Type } from '../schema.ts'

/**
 * What the control plane may ask of a data plane, on the plane's private port, with the secret that both share. The
 * plane owns what it answers: the control plane keeps no copy (design.md §1).
 */

const ByTenant = Strict({ tenantId: IdOf('tnt') })

/** What a tenant may do in this plane; pushed by the control plane, which owns plans. */
export const Entitlement = Strict({
  tier: TierName,
  /** Deltas, accepted and verified, that may ever exist; null = no stop. */
  lifetimeCap: Nullable(Whole({ minimum: 0, maximum: 1_000_000_000 })),
  /** Verified deltas that the plan includes each month (Free: for life); null by contract. */
  monthlyAllotment: Nullable(Whole({ minimum: 0, maximum: 1_000_000_000_000 })),
  /** False once a cancellation took effect: writes answer 403, reads go on. */
  writesAllowed: Type.Boolean(),
  ratePerSecond: Whole({ minimum: 1, maximum: 1_000_000 }),
  burst: Whole({ minimum: 1, maximum: 1_000_000 }),
})

export const PlaneTenant = Type.Object({
  tenantId: IdOf('tnt'),
  status: ProvisioningStatus,
  /** Beside `error`: what failed. */
  reason: Nullable(Type.String()),
  /** Name of the tenant's log, once it has one. */
  origin: Nullable(Type.String()),
})

export const provisionTenant = defineEndpoint({
  id: 'provisionTenant',
  surface: 'internal',
  method: 'PUT',
  path: '/internal/tenants/:tenantId',
  auth: { kind: 'internal' },
  summary:
    'Start, or start again, the provisioning of a tenant here. Safe to repeat; answers the present state.',
  params: ByTenant,
  body: Strict({ contractId: IdOf('ctr'), entitlement: Entitlement }),
  success: { status: 200, data: PlaneTenant },
  problems: [],
})

export const getPlaneTenant = defineEndpoint({
  id: 'getPlaneTenant',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId',
  auth: { kind: 'internal' },
  summary: 'How far the provisioning of a tenant is.',
  params: ByTenant,
  success: { status: 200, data: PlaneTenant },
  problems: ['NOT_FOUND'],
})

export const setEntitlement = defineEndpoint({
  id: 'setEntitlement',
  surface: 'internal',
  method: 'PUT',
  path: '/internal/tenants/:tenantId/entitlement',
  auth: { kind: 'internal' },
  summary: 'Replace what a tenant may do here.',
  params: ByTenant,
  body: Entitlement,
  success: { status: 200, data: PlaneTenant },
  problems: ['NOT_FOUND'],
})

export const setPublicRecords = defineEndpoint({
  id: 'setPublicRecords',
  surface: 'internal',
  method: 'PUT',
  path: '/internal/tenants/:tenantId/public-records',
  auth: { kind: 'internal' },
  summary: 'Whether public verify shows the single records of a tenant, or their summary only.',
  params: ByTenant,
  body: Strict({ publicRecords: Type.Boolean() }),
  success: { status: 200, data: PlaneTenant },
  problems: ['NOT_FOUND'],
})

export const createPlaneKey = defineEndpoint({
  id: 'createPlaneKey',
  surface: 'internal',
  method: 'POST',
  path: '/internal/tenants/:tenantId/keys',
  auth: { kind: 'internal' },
  summary: 'Create an API key of this plane.',
  params: ByTenant,
  body: Strict(createKeyBody),
  success: { status: 201, data: NewApiKey },
  problems: ['CONTRACT_NOT_DEPLOYED'],
})

export const listPlaneKeys = defineEndpoint({
  id: 'listPlaneKeys',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/keys',
  auth: { kind: 'internal' },
  summary: 'The newest API keys of a tenant in this plane.',
  params: ByTenant,
  query: Strict({
    offset: Type.Optional(Whole({ minimum: 0, maximum: 10_000_000, default: 0 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 10_000, default: 100 })),
  }),
  success: { status: 200, data: Type.Object({ items: Type.Array(ApiKey), total: Type.Integer() }) },
  problems: [],
})

const ByKey = Strict({ tenantId: IdOf('tnt'), keyId: Text({ minLength: 1, maxLength: 128 }) })

export const getPlaneKey = defineEndpoint({
  id: 'getPlaneKey',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/keys/:keyId',
  auth: { kind: 'internal' },
  summary: 'One API key of this plane.',
  params: ByKey,
  success: { status: 200, data: ApiKey },
  problems: ['NOT_FOUND'],
})

export const updatePlaneKey = defineEndpoint({
  id: 'updatePlaneKey',
  surface: 'internal',
  method: 'PATCH',
  path: '/internal/tenants/:tenantId/keys/:keyId',
  auth: { kind: 'internal' },
  summary: 'Change name, permissions or activity of an API key.',
  params: ByKey,
  body: Strict(updateKeyBody),
  success: { status: 200, data: ApiKey },
  problems: ['NOT_FOUND', 'API_KEY_REVOKED'],
})

export const rotatePlaneKey = defineEndpoint({
  id: 'rotatePlaneKey',
  surface: 'internal',
  method: 'POST',
  path: '/internal/tenants/:tenantId/keys/:keyId/rotate',
  auth: { kind: 'internal' },
  summary: 'Give an API key its one successor.',
  params: ByKey,
  body: Strict(rotateKeyBody),
  success: { status: 201, data: RotatedApiKey },
  problems: ['NOT_FOUND', 'API_KEY_REVOKED', 'API_KEY_NOT_ROTATABLE'],
})

export const revokePlaneKey = defineEndpoint({
  id: 'revokePlaneKey',
  surface: 'internal',
  method: 'DELETE',
  path: '/internal/tenants/:tenantId/keys/:keyId',
  auth: { kind: 'internal' },
  summary: 'Revoke an API key for good.',
  params: ByKey,
  success: { status: 200, data: ApiKey },
  problems: ['NOT_FOUND'],
})

/** Deltas of one stretch of time, as allowances count them. */
const counts = {
  /** Verified. */
  consumed: Type.Integer(),
  /** Accepted, not verified yet. */
  reserved: Type.Integer(),
}

export const listHighUsage = defineEndpoint({
  id: 'listHighUsage',
  surface: 'internal',
  method: 'GET',
  path: '/internal/high-usage',
  auth: { kind: 'internal' },
  summary: 'Tenants that used at least a share of what their plan includes, in the order of their ids.',
  query: Strict({
    period: PeriodText,
    percent: Whole({ minimum: 1, maximum: 100 }),
    /** The last tenant of the page before. */
    after: Type.Optional(IdOf('tnt')),
  }),
  success: {
    status: 200,
    data: Type.Object({
      items: Type.Array(
        Type.Object({
          tenantId: IdOf('tnt'),
          tier: TierName,
          included: Type.Integer(),
          /** Verified: in the month, or ever where the allowance is for life. */
          consumed: Type.Integer(),
          isForLife: Type.Boolean(),
        }),
      ),
      /** Where the next page goes on; null after the last. */
      next: Nullable(IdOf('tnt')),
    }),
  },
  problems: [],
})

export const getPlaneUsage = defineEndpoint({
  id: 'getPlaneUsage',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/usage',
  auth: { kind: 'internal' },
  summary:
    'What a tenant used here in a month, day by day, and in all. By the time when deltas were accepted.',
  params: ByTenant,
  query: Strict({ period: PeriodText }),
  success: {
    status: 200,
    data: Type.Object({
      tenantId: IdOf('tnt'),
      period: Type.String(),
      ...counts,
      lifetime: Type.Object(counts),
      /** One for each day of the month, the first one first; those to come are zero. */
      days: Type.Array(Type.Object({ date: Type.String(), ...counts })),
    }),
  },
  problems: ['NOT_FOUND'],
})
