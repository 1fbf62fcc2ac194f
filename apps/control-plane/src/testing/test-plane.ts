import { newApiKey } from '@pacspace/api/api-key'
import { GRACE_SECONDS_DEFAULT } from '@pacspace/api/definition/keys'
import type { EndpointData, EndpointInput, EndpointShape } from '@pacspace/api/endpoint'
import { permissions } from '@pacspace/api/endpoint'
import { ledgerViewEndpoints } from '@pacspace/api/endpoints'
import { type Environment, spelling } from '@pacspace/api/environment'
import { newId, type TenantId } from '@pacspace/api/id'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import {
  createPlaneKey,
  getPlaneKey,
  getPlaneTenant,
  getPlaneUsage,
  listHighUsage,
  listPlaneKeys,
  provisionTenant,
  revokePlaneKey,
  rotatePlaneKey,
  setEntitlement,
  setPublicRecords,
  updatePlaneKey,
} from '@pacspace/api/internal/plane'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { getPlaneHistory } from '@pacspace/api/internal/plane-history'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { internalSecret } from '@pacspace/service/authenticate'
import type { Clock } from '@pacspace/service/clock'
import { createHttpService, type HttpService } from '@pacspace/service/http'
import { type Implementation, implementer } from '@pacspace/service/implement'
import { silentLog } from '@pacspace/service/log'
import { randomBytes } from '@pacspace/service/random'
import { emptyLedger } from './empty-ledger.ts'
import { TestPlaneWebhooks, webhookImplementations } from './test-plane-webhooks.ts'

type Entitlement = EndpointInput<typeof setEntitlement>['body']
type PlaneTenant = EndpointData<typeof getPlaneTenant>
type ApiKey = EndpointData<typeof listPlaneKeys>['items'][number]

interface Counts {
  readonly consumed: number
  readonly reserved: number
}

const NOTHING: Counts = { consumed: 0, reserved: 0 }

/** What the plane holds of one tenant. */
export interface HeldTenant {
  entitlement: Entitlement
  status: 'provisioning' | 'active' | 'error'
  reason: string | null
  /** What public verify may show; a new tenant's is true. */
  publicRecords: boolean
  keys: ApiKey[]
}

/**
 * A data plane reduced to what the control plane can see of it: its internal API, over real HTTP, by the same definitions.
 * It keeps its promises (PUT may be repeated, a key of another tenant is a 404) and can be told to misbehave.
 */
export class TestPlane {
  readonly environment: Environment
  readonly secret = 'internal-secret-of-a-plane-in-a-test'
  readonly tenants = new Map<TenantId, HeldTenant>()
  /** How provisioning goes from now on. `pending`: until it is set to something else. */
  outcome: 'active' | 'pending' | { readonly error: string } = 'active'
  /** While set, the endpoint of that id breaks: 500. */
  broken: string | undefined
  /** The calls received, in order, by endpoint id. */
  readonly calls: string[] = []
  readonly webhooks: TestPlaneWebhooks
  readonly #clock: Clock
  readonly #used = new Map<string, Counts>()
  readonly #shown = new Map<string, (input: unknown) => unknown>()
  #service: HttpService | undefined
  #port = 0

  constructor(environment: Environment, clock: Clock) {
    this.environment = environment
    this.#clock = clock
    this.webhooks = new TestPlaneWebhooks(clock)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Notes what a tenant used in a month, all of it on the month's first day. */
  use(tenantId: TenantId, period: string, counts: Counts): void {
    this.#used.set(`${tenantId} ${period}`, counts)
  }

  /**
   * From now on a tenant's view of an endpoint of the Balance API, or an internal list, is answered by `view`: with data,
   * or what it raises.
   */
  show<D extends EndpointShape>(
    tenantId: TenantId,
    original: D,
    view: (input: EndpointInput<D>) => EndpointData<D>,
  ): void {
    // Called with what the view's definition, made of the original's, has validated.
    const { id } = original.surface === 'internal' ? original : ledgerView(original)
    this.#shown.set(`${tenantId} ${id}`, view as (input: unknown) => unknown)
  }

  /** What was not shown is an empty ledger. */
  view({ id, problems }: EndpointShape, input: unknown): unknown {
    const { tenantId, ...params } = (input as { params: { tenantId: TenantId } }).params // every view has it
    this.tenant(tenantId, 'CONTRACT_NOT_DEPLOYED')
    const view = this.#shown.get(`${tenantId} ${id}`)
    if (view !== undefined) return view({ ...Object(input), params })
    const empty = emptyLedger(id, input)
    if (empty !== undefined) return empty
    throw new Problem(problems.find((code) => code === 'CUSTOMER_NOT_FOUND') ?? 'NOT_FOUND')
  }

  usageOf(tenantId: TenantId, period: string): EndpointData<typeof getPlaneUsage> {
    this.tenant(tenantId, 'NOT_FOUND')
    const counts = this.#used.get(`${tenantId} ${period}`) ?? NOTHING
    const lifetime = { ...NOTHING }
    for (const [name, { consumed, reserved }] of this.#used) {
      if (!name.startsWith(tenantId)) continue
      lifetime.consumed += consumed
      lifetime.reserved += reserved
    }
    return { tenantId, period, ...counts, lifetime, days: [{ date: `${period}-01`, ...counts }] }
  }

  highUsage(period: string, percent: number): EndpointData<typeof listHighUsage>['items'] {
    return [...this.tenants].flatMap(([tenantId, { entitlement }]) => {
      const { tier, lifetimeCap, monthlyAllotment } = entitlement
      const isForLife = lifetimeCap !== null
      const included = lifetimeCap ?? monthlyAllotment
      const usage = this.usageOf(tenantId, period)
      const { consumed } = isForLife ? usage.lifetime : usage
      if (included === null || consumed * 100 < included * percent) return []
      return [{ tenantId, tier, included, consumed, isForLife }]
    })
  }

  /** Opens the plane, at the port it had before. */
  async start(): Promise<void> {
    this.#service = await createHttpService({
      implementations: [...implementations(), ...viewImplementations()],
      context: this,
      authenticator: { internal: internalSecret(this.secret) },
      log: silentLog,
      clock: this.#clock,
    })
    this.#port = (await this.#service.listen({ host: '127.0.0.1', port: this.#port })).port
  }

  /** Takes the plane away: connections are refused until `start`. What it holds stays. */
  async stop(): Promise<void> {
    await this.#service?.close()
  }

  provision(tenantId: TenantId, entitlement: Entitlement): HeldTenant {
    const tenant = this.tenants.get(tenantId)
    if (tenant === undefined) {
      const created: HeldTenant = {
        entitlement,
        status: 'provisioning',
        reason: null,
        publicRecords: true,
        keys: [],
      }
      this.tenants.set(tenantId, created)
      return created
    }
    if (tenant.status === 'error') Object.assign(tenant, { status: 'provisioning', reason: null })
    return tenant
  }

  breakAt(endpoint: string): void {
    if (this.broken === endpoint) throw new Error('this plane is told to break')
  }

  /** The tenant, one step further with its provisioning. */
  advance(tenantId: TenantId): HeldTenant {
    const tenant = this.tenant(tenantId, 'NOT_FOUND')
    if (tenant.status !== 'provisioning' || this.outcome === 'pending') return tenant
    if (this.outcome === 'active') tenant.status = 'active'
    else Object.assign(tenant, { status: 'error', reason: this.outcome.error })
    return tenant
  }

  tenant(tenantId: TenantId, otherwise: 'NOT_FOUND' | 'CONTRACT_NOT_DEPLOYED'): HeldTenant {
    const tenant = this.tenants.get(tenantId)
    if (tenant === undefined) throw new Problem(otherwise)
    return tenant
  }

  createKey(tenantId: TenantId, settings: EndpointInput<typeof createPlaneKey>['body']) {
    const tenant = this.tenant(tenantId, 'CONTRACT_NOT_DEPLOYED')
    const { publicKey, secret, fullKey } = newApiKey(this.environment, randomBytes)
    const key: ApiKey = {
      id: newId('key', randomBytes),
      name: settings.name,
      environment: spelling[this.environment].key,
      publicKey,
      permissions: settings.permissions ?? [...permissions],
      active: true,
      createdAt: timestampOf(this.#clock.now()),
      expiresAt: settings.expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
      rotatedTo: null,
    }
    tenant.keys.unshift(key)
    return { ...key, secretKey: secret, fullKey }
  }

  key(tenantId: TenantId, keyId: string): ApiKey {
    const key = this.tenants.get(tenantId)?.keys.find(({ id }) => id === keyId)
    if (key === undefined) throw new Problem('NOT_FOUND')
    return key
  }

  changeableKey(tenantId: TenantId, keyId: string): ApiKey {
    const key = this.key(tenantId, keyId)
    if (key.revokedAt !== null) throw new Problem('API_KEY_REVOKED')
    return key
  }

  rotateKey(tenantId: TenantId, keyId: string, graceSeconds: number) {
    const old = this.changeableKey(tenantId, keyId)
    if (old.rotatedTo !== null) throw new Problem('API_KEY_NOT_ROTATABLE')
    const successor = this.createKey(tenantId, { name: old.name, permissions: old.permissions })
    const expiresAt = timestampOf(this.#clock.now() + graceSeconds * 1_000)
    Object.assign(old, { rotatedTo: successor.id, expiresAt })
    return { ...successor, replaces: { id: old.id, expiresAt } }
  }

  revokeKey(tenantId: TenantId, keyId: string): ApiKey {
    const key = this.key(tenantId, keyId)
    return Object.assign(key, { active: false, revokedAt: timestampOf(this.#clock.now()) })
  }
}

function stateOf(tenantId: TenantId, { status, reason }: HeldTenant): PlaneTenant {
  return { tenantId, status, reason, origin: null }
}

function implementations(): Implementation<TestPlane>[] {
  const bind = implementer<TestPlane>()
  return [
    bind(provisionTenant, async ({ input }, plane) => {
      const { tenantId } = input.params
      plane.calls.push('provisionTenant')
      plane.breakAt('provisionTenant')
      return stateOf(tenantId, plane.provision(tenantId, input.body.entitlement))
    }),
    bind(getPlaneTenant, async ({ input }, plane) => {
      plane.calls.push('getPlaneTenant')
      plane.breakAt('getPlaneTenant')
      return stateOf(input.params.tenantId, plane.advance(input.params.tenantId))
    }),
    bind(setEntitlement, async ({ input }, plane) => {
      const { tenantId } = input.params
      plane.calls.push('setEntitlement')
      const tenant = plane.tenant(tenantId, 'NOT_FOUND')
      tenant.entitlement = input.body
      return stateOf(tenantId, tenant)
    }),
    bind(setPublicRecords, async ({ input }, plane) => {
      const { tenantId } = input.params
      plane.calls.push('setPublicRecords')
      const tenant = plane.tenant(tenantId, 'NOT_FOUND')
      tenant.publicRecords = input.body.publicRecords
      return stateOf(tenantId, tenant)
    }),
    bind(listHighUsage, async ({ input }, plane) => {
      plane.calls.push('listHighUsage')
      return { items: plane.highUsage(input.query.period, input.query.percent), next: null }
    }),
    bind(getPlaneUsage, async ({ input }, plane) => {
      plane.calls.push('getPlaneUsage')
      return plane.usageOf(input.params.tenantId, input.query.period)
    }),
    bind(createPlaneKey, async ({ input }, plane) => {
      plane.calls.push('createPlaneKey')
      return plane.createKey(input.params.tenantId, input.body)
    }),
    bind(listPlaneKeys, async ({ input }, plane) => {
      plane.calls.push('listPlaneKeys')
      const { offset = 0, limit = 100 } = input.query
      const keys = plane.tenants.get(input.params.tenantId)?.keys ?? []
      return { items: keys.slice(offset, offset + limit), total: keys.length }
    }),
    bind(getPlaneKey, async ({ input }, plane) => {
      plane.calls.push('getPlaneKey')
      return plane.key(input.params.tenantId, input.params.keyId)
    }),
    bind(updatePlaneKey, async ({ input }, plane) => {
      plane.calls.push('updatePlaneKey')
      return Object.assign(plane.changeableKey(input.params.tenantId, input.params.keyId), input.body)
    }),
    bind(rotatePlaneKey, async ({ input }, plane) => {
      plane.calls.push('rotatePlaneKey')
      const { gracePeriodSeconds = GRACE_SECONDS_DEFAULT } = input.body
      return plane.rotateKey(input.params.tenantId, input.params.keyId, gracePeriodSeconds)
    }),
    ...webhookImplementations<TestPlane>(),
    bind(revokePlaneKey, async ({ input }, plane) => {
      plane.calls.push('revokePlaneKey')
      return plane.revokeKey(input.params.tenantId, input.params.keyId)
    }),
  ]
}

function viewImplementations(): Implementation<TestPlane>[] {
  const bind = implementer<TestPlane>()
  const internal = [listPlaneDeltas, createPlaneCustomer, getPlaneHistory, getPlaneVerification]
  return [...internal, ...ledgerViewEndpoints].map((definition: EndpointShape) =>
    bind(definition, async ({ input }, plane) => {
      plane.calls.push(definition.id)
      plane.breakAt(definition.id)
      return plane.view(definition, input)
    }),
  )
}
