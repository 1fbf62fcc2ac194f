/** What the address of the list says: how it is narrowed, where it begins, and which delta lies open over it. */
export interface DeltaSearch {
  readonly customerId?: string | undefined
  readonly status?: DeltaStatus | undefined
  readonly search?: string | undefined
  /** Place in the log (`a_n`) below which the list begins; absent = at the newest. */
  readonly before?: `a_${number}` | undefined
  /** recordId of the delta in the sheet. */
  readonly open?: string | undefined
}

export const statuses = ['QUEUED', 'PROCESSING', 'VERIFIED', 'FAILED'] as const
export type DeltaStatus = (typeof statuses)[number]

/** What the address says; attacker-controlled, so what it may not say is left out. */
export function readDeltaSearch(search: Readonly<Record<string, unknown>>): DeltaSearch {
  const text = (name: string) => {
    const value = search[name]
    // The router reads numbers and truth values out of addresses; ids may look like either.
    return value === undefined || value === null || typeof value === 'object'
      ? undefined
      : String(value) || undefined
  }
  const before = text('before')
  return {
    customerId: text('customerId'),
    status: statuses.find((status) => status === text('status')),
    search: text('search'),
    before: isAnchorId(before) ? before : undefined,
    open: text('open'),
  }
}

/** True where the list is narrowed, so that an empty one says nothing about the ledger. */
export function isNarrowed({ customerId, status, search }: DeltaSearch): boolean {
  return customerId !== undefined || status !== undefined || search !== undefined
}

function isAnchorId(text: string | undefined): text is `a_${number}` {
  return text !== undefined && /^a_\d{1,16}$/.test(text)
}
