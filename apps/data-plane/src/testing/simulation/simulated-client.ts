import { amountOf } from '@pacspace/api/amount'
import type { TenantId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { sha256Text } from '@pacspace/proofs/sha256'
import { isUnavailable } from '@pacspace/service/postgres'
import type { ModelRequest, ModelUnit } from '@pacspace/testing/ledger-model'
import type { SeededRandom } from '@pacspace/testing/seeded-random'
import type { AppendUnit, UnitOutcome } from '../../ledger/append-unit.ts'
import { deltaRequestOf, keyDigestOf } from '../../ledger/delta-request.ts'
import { EQUAL } from './history-check.ts'

/** What a client was told: an outcome, or nothing that it can rely on. */
export type Told = UnitOutcome | 'unavailable' | 'lost'

/** One sending of a request. */
export interface Attempt {
  readonly unit: ModelUnit
  /** Deltas that were committed when it was sent, and when its answer came. */
  readonly from: number
  readonly to: number
  readonly told: Told
}

/** An api process as clients reach it. */
export interface SimulatedApi {
  append(tenantNo: number, unit: AppendUnit): Promise<UnitOutcome>
  /** Resolves when it dies. */
  readonly death: Promise<'lost'>
}

/** A request as the handler hands it on. */
export function appendUnitOf(tenantId: TenantId, unit: ModelUnit): AppendUnit {
  const items = unit.items.map((item) =>
    deltaRequestOf({
      customerId: item.customerId,
      delta: amountOf(item.delta),
      reason: item.reason,
      ...(item.referenceId === undefined ? {} : { referenceId: item.referenceId }),
      ...(item.metadata === undefined ? {} : { metadata: item.metadata as Record<string, unknown> }), // made below
      ...(item.adjusts === undefined ? {} : { adjusts: item.adjusts }),
    }),
  )
  const text = `batch\n${items.map(({ contentHash }) => contentHash).join('\n')}`
  return {
    kind: unit.route,
    items,
    keyDigest: keyDigestOf(tenantId, unit.key),
    requestHash: unit.route === 'batch' ? sha256Text(text) : null,
  }
}

/** Sends a request to a process that may die meanwhile. Any other failure than "not now" is the simulation's find. */
export async function send(
  api: SimulatedApi,
  tenantNo: number,
  tenantId: TenantId,
  unit: ModelUnit,
): Promise<Told> {
  const answer = api.append(tenantNo, appendUnitOf(tenantId, unit)).catch((error: unknown) => {
    if (isUnavailable(error) || (error instanceof Problem && error.code === 'SERVICE_UNAVAILABLE')) {
      return 'unavailable' as const
    }
    throw error
  })
  return Promise.race([answer, api.death])
}

const CUSTOMERS = ['c_1', 'c_2', 'c_3']
const REFERENCES = ['r_1', 'r_2', 'r_3', 'r_4']
const BATCH_ITEMS_MAX = 4

/** Makes requests: few customers and references, so that they meet. `recordIds`: known from answers. */
export function newUnit(random: SeededRandom, name: string, recordIds: readonly string[]): ModelUnit {
  const isBatch = random.integer(3) === 0
  const count = isBatch ? 1 + random.integer(BATCH_ITEMS_MAX) : 1
  const isKeyed = random.integer(10) < 7
  const items = Array.from({ length: count }, (_, index) =>
    newRequest(random, `${name}.${index}`, recordIds, isKeyed),
  )
  return { route: isBatch ? 'batch' : 'emit', items, ...(isKeyed ? { key: `key ${name}` } : {}) }
}

function newRequest(
  random: SeededRandom,
  name: string,
  recordIds: readonly string[],
  isKeyed: boolean,
): ModelRequest {
  const hasReference = random.integer(2) === 0
  // Without a key an equal request under a reference is a replay: some must be equal.
  const isEqualToOthers = !isKeyed && hasReference && random.integer(2) === 0
  const units = 1 + random.integer(1_000_000)
  return {
    customerId: random.pick(CUSTOMERS),
    delta: isEqualToOthers
      ? '7'
      : `${random.pick(['', '-'])}${units}${random.pick(['', '.5', '.000000000001'])}`,
    reason: isEqualToOthers ? EQUAL : name,
    ...(hasReference ? { referenceId: random.pick(REFERENCES) } : {}),
    ...(isEqualToOthers ? {} : { ...describing(random, name), ...adjusting(random, recordIds) }),
  }
}

function describing(random: SeededRandom, name: string): Pick<ModelRequest, 'metadata'> {
  return random.integer(4) === 0 ? { metadata: { b: random.integer(3), a: [name, 'é'] } } : {}
}

function adjusting(random: SeededRandom, recordIds: readonly string[]): Pick<ModelRequest, 'adjusts'> {
  switch (random.integer(8)) {
    case 0:
      return { adjusts: { referenceId: random.pick(REFERENCES) } }
    case 1:
      return recordIds.length === 0 ? {} : { adjusts: { recordId: random.pick(recordIds) } }
    default:
      return {}
  }
}
