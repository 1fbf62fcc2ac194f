import type { InvoiceId, TenantId } from '@pacspace/api/id'
import type { Period, Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/** A line as stored: amounts as canonical decimal text. */
export interface StoredLine {
  readonly description: string
  readonly quantity: number
  readonly unitPriceUsd: string
  readonly amountUsd: string
}

export interface InvoiceRow {
  readonly id: InvoiceId
  readonly period: Period
  readonly lines: readonly StoredLine[]
  /** As PostgreSQL writes numeric. */
  readonly totalUsd: string
  readonly issuedAt: Timestamp
}

/** Issues an invoice. A second one for the same month violates a unique index: the caller has made sure. */
export async function insertInvoice(
  tx: Tx,
  invoice: InvoiceRow & { readonly tenantId: TenantId },
): Promise<void> {
  await tx.query(
    `insert into invoice (id, tenant_id, period, lines, total_usd, issued_at) values ($1, $2, $3, $4::jsonb, $5, $6)`,
    [
      invoice.id,
      invoice.tenantId,
      invoice.period,
      JSON.stringify(invoice.lines),
      invoice.totalUsd,
      invoice.issuedAt,
    ],
  )
}

/** A page of a tenant's invoices, the newest month first. Index: unique (tenant_id, period), read backwards. */
export async function listInvoiceRows(
  db: Db,
  tenantId: TenantId,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<InvoiceRow[]> {
  const { rows } = await db.query<InvoiceRow>(
    `select id, period, lines, total_usd as "totalUsd", issued_at as "issuedAt"
     from invoice
     where tenant_id = $1
     order by period desc
     limit $2 offset $3`,
    [tenantId, limit, offset],
  )
  return rows
}
