import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Instant, Strict } from '../field.ts'
import { Type } from '../schema.ts'
import { Name } from './accounts.ts'
import { EnvironmentState } from './environments.ts'

export const Tenant = Type.Object({
  id: IdOf('tnt'),
  companyName: Type.String(),
  /** Whether public verify shows single records to whoever holds a root, or the summary only. */
  publicRecords: Type.Boolean(),
  status: Type.Literal('active'),
  environments: Type.Array(EnvironmentState),
  createdAt: Instant,
})

export const getTenant = defineEndpoint({
  id: 'getTenant',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/tenant',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The own tenant, its settings and environments.',
  success: { status: 200, data: Tenant },
  problems: [],
})

export const updateTenant = defineEndpoint({
  id: 'updateTenant',
  surface: 'dashboard',
  method: 'PATCH',
  path: '/dashboard/tenant',
  auth: { kind: 'user', role: 'admin' },
  summary: 'Change settings of the own tenant.',
  body: Strict({ companyName: Type.Optional(Name), publicRecords: Type.Optional(Type.Boolean()) }),
  success: { status: 200, data: Tenant, message: 'Settings updated successfully' },
  problems: [],
})
