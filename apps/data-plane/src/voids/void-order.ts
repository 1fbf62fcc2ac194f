import { type Amount, formatAmount, parseDelta } from '@pacspace/api/amount'
import { isId, type TenantId } from '@pacspace/api/id'

/** What an operator orders. */
export interface VoidOrder {
  readonly recordId: string
  readonly reason: string
  /** Needed where the recordId alone does not tell. */
  readonly tenantId: TenantId | null
  /** Needed where nothing that is stored tells: the row is gone, or says no amount. As the tenant was answered. */
  readonly customerId: string | null
  readonly delta: Amount | null
}

/** Why nothing was made void. */
export type VoidRefusal =
  | 'ORDER_INVALID'
  | 'NO_SUCH_RECORD'
  | 'TENANT_NEEDED'
  | 'ALREADY_VOID'
  | 'VERIFIED'
  | 'NOT_FAILED'
  | 'UNCONFIRMED'
  | 'NOT_A_DELTA'
  | 'SOUND'
  | 'CUSTOMER_NEEDED'
  | 'DELTA_NEEDED'
  | 'SAID_BY_THE_ROW'
  | 'OTHER_DAMAGE'

/** Nothing was changed; the message tells the operator why. */
export class VoidRefused extends Error {
  override name = 'VoidRefused'
  readonly code: VoidRefusal

  constructor(code: VoidRefusal, message: string) {
    super(message)
    this.code = code
  }
}

const REASON_LENGTH_MAX = 500

/** The words of `pacspace admin void`. */
export interface VoidWords {
  readonly record?: string | undefined
  readonly reason?: string | undefined
  readonly tenant?: string | undefined
  readonly customer?: string | undefined
  readonly delta?: string | undefined
}

/** The order that is meant. Throws VoidRefused. */
export function parseVoidOrder(words: VoidWords): VoidOrder {
  const { record: recordId, reason, tenant, customer, delta } = words
  if (recordId === undefined) throw invalid('--record is missing (rec_…)')
  if (reason === undefined || reason.trim() === '')
    throw invalid('--reason is missing: it stands in the log for good')
  if (reason.length > REASON_LENGTH_MAX || /\p{Cc}/u.test(reason) || !reason.isWellFormed())
    throw invalid(`--reason must be one line of at most ${REASON_LENGTH_MAX} characters`)
  if (tenant !== undefined && !isId('tnt', tenant)) throw invalid(`${tenant} is no tenant id (tnt_…)`)
  return {
    recordId,
    reason: reason.trim(),
    tenantId: tenant ?? null,
    customerId: customer ?? null,
    delta: delta === undefined ? null : amountOf(delta),
  }
}

function amountOf(text: string): Amount {
  const parsed = parseDelta(text)
  if (!parsed.ok || formatAmount(parsed.amount) !== text)
    throw invalid(`--delta must be an amount like -12.5, not ${text}`)
  return parsed.amount
}

function invalid(message: string): VoidRefused {
  return new VoidRefused('ORDER_INVALID', message)
}
