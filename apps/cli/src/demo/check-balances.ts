import type { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import type { ExpectedBalances } from './flight-counts.ts'

const PARALLEL = 8

/**
 * Asks the balance of every customer, and the list of all customers, and holds both against the expected ones. Throws
 * an Error that names every customer that differs, is missing or should not be there. `client`: with exact amounts.
 */
export async function checkBalances(client: PacSpace<true>, { balances }: ExpectedBalances): Promise<void> {
  const wrong: string[] = []
  const queue = [...balances].values()
  const worker = async () => {
    for (const [customerId, expected] of queue) {
      const { computedBalance, pendingCount } = await client.balance.derive(customerId, { limit: 1 })
      if (computedBalance !== expected.toString())
        wrong.push(`${customerId}: ${computedBalance}, expected ${expected}`)
      if (pendingCount !== 0) wrong.push(`${customerId}: ${pendingCount} deltas are not verified`)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  const missing = new Set(balances.keys())
  for await (const { customerId, computedBalance } of client.balance.customers()) {
    const expected = balances.get(customerId)
    if (expected?.toString() !== computedBalance)
      wrong.push(`listed: ${customerId} ${computedBalance}, expected ${expected}`)
    missing.delete(customerId)
  }
  for (const customerId of missing) wrong.push(`not listed: ${customerId}`)
  if (wrong.length > 0) throw new Error(`Balances are wrong:\n  ${wrong.join('\n  ')}`)
}
