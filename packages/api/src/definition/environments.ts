import { defineEndpoint } from '../endpoint.ts'
import { ContractEnvironment } from '../environment.ts'
import { IdOf, Instant, Nullable, Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'

export const ProvisioningStatus = Type.Union([
  Type.Literal('not_provisioned'),
  Type.Literal('provisioning'),
  Type.Literal('active'),
  Type.Literal('error'),
])

export const EnvironmentState = Type.Object({
  environment: ContractEnvironment,
  status: ProvisioningStatus,
  provisionedAt: Type.Optional(Nullable(Instant)),
  /** Beside `error` only: what failed. */
  reason: Type.Optional(Type.String()),
})

export const provisionEnvironment = defineEndpoint({
  id: 'provisionEnvironment',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/contracts/provision',
  auth: { kind: 'user', role: 'admin', verified: true },
  summary: 'Activate an environment. Answers at once; ask for its status afterwards.',
  body: Strict({ environment: ContractEnvironment }),
  success: {
    // 200 when it is active or being provisioned already.
    status: 201,
    data: Type.Object({
      tenantId: IdOf('tnt'),
      environment: ContractEnvironment,
      status: ProvisioningStatus,
      message: Type.String(),
    }),
  },
  problems: ['PLAN_UPGRADE_REQUIRED'],
})

export const getEnvironmentStatus = defineEndpoint({
  id: 'getEnvironmentStatus',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/contracts/:tenantId/status',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The state of both environments of a tenant.',
  params: Strict({ tenantId: Text({ minLength: 1, maxLength: 128 }) }),
  success: {
    status: 200,
    data: Type.Object({ tenantId: IdOf('tnt'), environments: Type.Array(EnvironmentState) }),
  },
  problems: ['NOT_FOUND'],
})

export const listEnvironments = defineEndpoint({
  id: 'listEnvironments',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/contracts',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The environments that were provisioned.',
  success: {
    status: 200,
    data: Type.Array(
      Type.Object({
        id: IdOf('ctr'),
        tenantId: IdOf('tnt'),
        environment: ContractEnvironment,
        status: ProvisioningStatus,
        provisionedAt: Nullable(Instant),
      }),
    ),
  },
  problems: [],
})
