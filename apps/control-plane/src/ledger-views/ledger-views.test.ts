import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { compareBalances } from '@pacspace/api/definition/compare'
import { createCustomer } from '@pacspace/api/definition/customer-profile'
import { getCustomer, getCustomersSummary } from '@pacspace/api/definition/customers'
import { deriveBalance, getDelta, listCustomers } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/definition/ledger-views'
import { getReceipt } from '@pacspace/api/definition/receipts'
import type { EndpointData, EndpointShape } from '@pacspace/api/endpoint'
import type { Id } from '@pacspace/api/id'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { getPlaneHistory } from '@pacspace/api/internal/plane-history'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import type { TestCall } from '@pacspace/testing/test-client'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

type Receipt = EndpointData<typeof getReceipt>

const CUSTOMER = 'cust:1'
const HASH = `0x${'ab'.repeat(32)}` as const
const RECORD = 'rec_0123456789abcdefghjkmnpqrs' as Id<'rec'> // the form of one
const TIME = timestampOf(Date.UTC(2026, 0, 2))
const TLOG_PROOF = 'c2sp.org/tlog-proof@v1\nindex 0\n'

/** An endpoint, what it shows a view of, and a good call. */
const VIEWS: readonly { endpoint: EndpointShape; original: EndpointShape; call: TestCall }[] = [
  { endpoint: api.listLedgerCustomers, original: listCustomers, call: {} },
  { endpoint: api.getLedgerSummary, original: getCustomersSummary, call: {} },
  { endpoint: api.getLedgerCustomer, original: getCustomer, call: ofCustomer() },
  { endpoint: api.getLedgerBalance, original: deriveBalance, call: ofCustomer() },
  { endpoint: api.getLedgerReceipt, original: getReceipt, call: ofCustomer() },
  { endpoint: api.exportLedger, original: getReceipt, call: ofCustomer() },
  { endpoint: api.listLedgerCheckpoints, original: listCheckpoints, call: ofCustomer() },
  { endpoint: api.takeLedgerCheckpoint, original: takeCheckpoint, call: { ...ofCustomer(), body: {} } },
  {
    endpoint: api.compareLedger,
    original: compareBalances,
    call: { body: { customerId: CUSTOMER, yourBalance: '1', theirBalance: '1' } },
  },
  { endpoint: createCustomer, original: createPlaneCustomer, call: { body: { displayName: 'Northwind' } } },
  { endpoint: api.listLedgerDeltas, original: listPlaneDeltas, call: {} },
  { endpoint: api.listAllCheckpoints, original: listCheckpoints, call: {} },
  { endpoint: api.takeCheckpointOfAll, original: takeCheckpoint, call: { body: {} } },
  { endpoint: api.getLedgerHistory, original: getPlaneHistory, call: ofCustomer() },
  { endpoint: api.getLedgerVerification, original: getPlaneVerification, call: {} },
  { endpoint: api.exportLedgerDeltas, original: listPlaneDeltas, call: {} },
  { endpoint: api.getLedgerDelta, original: getDelta, call: { params: { recordId: RECORD } } },
]

function ofCustomer(): TestCall {
  return { params: { customerId: CUSTOMER } }
}

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account({ tier: 'pilot' })
})
after(() => plane[Symbol.asyncDispose]())

describe('each view', () => {
  for (const { endpoint, original, call } of VIEWS) {
    test(`${endpoint.id}: every refusal of the plane arrives as it is`, async () => {
      const { tenantId, token } = user
      for (const code of original.problems.filter((each) => endpoint.problems.includes(each))) {
        plane.planes.sandbox.show(tenantId, original, () => {
          throw new Problem(code, { message: `the plane says ${code}` })
        })
        const { message } = await plane.client.refuse(endpoint, code, { ...call, token })
        assert.equal(message, `the plane says ${code}`)
      }
    })

    test(`${endpoint.id}: of an environment that was not asked for, of none, of a plane that is away`, async () => {
      const { token } = user
      const calls = plane.planes.production.calls.length
      const headers = { 'x-environment': 'production' }
      await plane.client.refuse(endpoint, 'CONTRACT_NOT_DEPLOYED', { ...call, token, headers })
      assert.equal(plane.planes.production.calls.length, calls, 'the plane was not asked')
      const wrong = { ...call, token, headers: { 'x-chain-id': '1' } }
      await plane.client.refuse(endpoint, 'VALIDATION_ERROR', wrong)
      await plane.planes.sandbox.stop()
      await plane.client.refuse(endpoint, 'SERVICE_UNAVAILABLE', { ...call, token })
      await plane.planes.sandbox.start()
    })
  }
})

describe('what a view shows', () => {
  const customer = {
    customerId: CUSTOMER,
    displayName: 'Northwind',
    ledgerIdentifier: 'x',
    customerReference: 'x',
    totalDeltas: 1,
    computedBalance: amountOf('90071992547409.930000000001'),
    firstDeltaAt: TIME,
    lastDeltaAt: TIME,
  }
  const pagination = { total: 1, page: 1, limit: 25, totalPages: 1 }
  const offsets = { total: 1, limit: 100, offset: 0, hasMore: false }

  /** Shows `data` for an endpoint of the plane, calls the endpoint of the dashboard, and gives what the plane was asked. */
  async function shown<D extends EndpointShape>(
    original: D,
    data: EndpointData<D>,
    endpoint: EndpointShape,
    call: TestCall,
  ): Promise<unknown> {
    const asked: unknown[] = []
    plane.planes.sandbox.show(user.tenantId, original, (input) => {
      asked.push(input)
      return data
    })
    assert.deepEqual(await plane.client.succeed(endpoint, { token: user.token, ...call }), data)
    assert.equal(asked.length, 1)
    return asked[0]
  }

  test('customers: amounts exact in both forms', async () => {
    const query = { page: 1, limit: 25, search: 'cu' }
    const asked = await shown(listCustomers, { customers: [customer], pagination }, api.listLedgerCustomers, {
      query,
    })
    assert.deepEqual({ ...Object(asked).query }, query)
    const { token } = user
    const number = await plane.client.call(api.listLedgerCustomers, { token })
    assert.ok(number.text.includes('"computedBalance":90071992547409.930000000001'), number.text)
    const headers = { 'x-amount-format': 'string' }
    const text = await plane.client.call(api.listLedgerCustomers, { token, headers })
    assert.ok(text.text.includes('"computedBalance":"90071992547409.930000000001"'), text.text)
  })

  test('the summary', async () => {
    const counts = { totalCustomers: 1, totalDeltas: 2, verifiedDeltas: 1, pendingDeltas: 1, failedDeltas: 0 }
    const rest = {
      totalBalance: amountOf('-1'),
      lastDeltaAt: TIME,
      lastVerifiedAt: TIME,
      logCheckpoint: null,
    }
    const summary = { ...counts, ...rest, verificationHealth: 'healthy' } as const
    await shown(getCustomersSummary, summary, api.getLedgerSummary, {})
  })

  test('one customer, its balance, its checkpoints', async () => {
    const params = { customerId: CUSTOMER }
    const recentActivity = { items: [], pagination }
    const hints = { sharingStateHint: null, eventCadence: 'monthly', unitLabel: 'seat' }
    const detail = { ...customer, ...hints, latestCheckpoint: null, recentActivity }
    const query = { deltaLimit: 5, deltaPage: 2 }
    const wanted = await shown(getCustomer, detail, api.getLedgerCustomer, { params, query })
    assert.deepEqual(Object(wanted).params, params)
    assert.deepEqual({ ...Object(wanted).query }, query)
    const balance = {
      customerId: CUSTOMER,
      startingBalance: amountOf('0'),
      computedBalance: amountOf('1'),
      deltasCount: 1,
      deltaCount: 1,
      latestReceiptId: null,
      latestAnchorId: null,
      pendingCount: 0,
      deltas: [],
      pagination: offsets,
    }
    const starting = { startingBalance: '-0.5', includePending: true }
    const asked = await shown(deriveBalance, balance, api.getLedgerBalance, { params, query: starting })
    assert.equal(Object(asked).query.startingBalance, amountOf('-0.5'))
    assert.equal(Object(asked).query.includePending, true)
    const page = { limit: 7, offset: 1, period: '2026-01' }
    const list = await shown(
      listCheckpoints,
      { checkpoints: [], pagination: offsets },
      api.listLedgerCheckpoints,
      {
        params,
        query: page,
      },
    )
    assert.deepEqual({ ...Object(list).query }, { ...page, customerId: CUSTOMER })
  })

  test('a checkpoint, taken by a developer, not by a viewer', async () => {
    const checkpoint = {
      checkpointId: `chk_${'0'.repeat(42)}`,
      status: 'QUEUED',
      period: '2026-01',
      startDate: null,
      endDate: null,
      closed: true,
      customerId: CUSTOMER,
      deltasCount: 1,
      startingBalance: amountOf('0'),
      netChange: amountOf('1'),
      endingBalance: amountOf('1'),
      merkleRoot: HASH,
      proofRoot: HASH,
      mode: null,
      fingerprints: { by: 'hand' },
      createdAt: TIME,
    } as const
    const body = { period: '2026-01', fingerprints: { by: 'hand' } }
    const { token } = await plane.join(user, 'developer')
    const call = { params: { customerId: CUSTOMER }, body }
    const asked = await shown(takeCheckpoint, checkpoint, api.takeLedgerCheckpoint, { ...call, token })
    assert.deepEqual(Object(asked).body, { ...body, customerId: CUSTOMER })
    const viewer = await plane.join(user, 'viewer')
    await plane.client.refuse(api.takeLedgerCheckpoint, 'INSUFFICIENT_PERMISSION', {
      ...call,
      token: viewer.token,
    })
    const ofAll = { ...checkpoint, customerId: null, deltasCount: null, merkleRoot: null, proofRoot: null }
    const askedOfAll = await shown(takeCheckpoint, ofAll, api.takeCheckpointOfAll, { body, token })
    assert.deepEqual(Object(askedOfAll).body, body)
    await plane.client.refuse(api.takeCheckpointOfAll, 'INSUFFICIENT_PERMISSION', {
      body,
      token: viewer.token,
    })
    const list = { checkpoints: [checkpoint, ofAll], pagination: { ...offsets, total: 2 } }
    const query = { limit: 2, period: '2026-01' }
    const askedList = await shown(listCheckpoints, list, api.listAllCheckpoints, { query })
    assert.deepEqual({ ...Object(askedList).query }, { ...query, offset: 0 })
  })

  test('the history of a customer, and how verification goes', async () => {
    const [delta] = receiptOf([['-1.5', 'r', 'ref']]).deltas
    assert.ok(delta)
    const balance = amountOf('90071992547409.930000000001')
    const history = {
      customerId: CUSTOMER,
      startingBalance: amountOf('0'),
      endingBalance: balance,
      netChange: balance,
      deltas: [{ ...delta, balance }],
      pagination: offsets,
    }
    const params = { customerId: CUSTOMER }
    const query = { evenly: true, limit: 3, offset: 0, period: '2026-01' }
    const asked = await shown(getPlaneHistory, history, api.getLedgerHistory, { params, query })
    assert.deepEqual(Object(asked).params, params)
    assert.deepEqual({ ...Object(asked).query }, query)
    const latency = { medianMs: 120, p95Ms: 800, samples: 100 }
    const figures = { days: [{ date: '2026-01-01', verified: 3, pending: 1, latency: null }], latency }
    const month = { period: '2026-01' }
    const wanted = await shown(getPlaneVerification, figures, api.getLedgerVerification, { query: month })
    assert.deepEqual({ ...Object(wanted).query }, month)
  })

  test('a new customer, created by a developer, not by a viewer, in the environment that is named', async () => {
    const words = { customerId: 'cus_1', displayName: 'Ünïcode & Söhne', unitLabel: 'seat' }
    const made = { ...words, ledgerIdentifier: 'x', customerReference: 'x', createdAt: TIME }
    const { token } = await plane.join(user, 'developer')
    const asked = await shown(createPlaneCustomer, made, createCustomer, { token, body: words })
    assert.deepEqual(Object(asked).body, words)
    const viewer = await plane.join(user, 'viewer')
    const call = { token: viewer.token, body: words }
    await plane.client.refuse(createCustomer, 'INSUFFICIENT_PERMISSION', call)
    for (const [path, body] of [
      ['', {}],
      ['/displayName', { displayName: '' }],
      ['/displayName', { displayName: 'x'.repeat(201) }],
      ['/displayName', { displayName: 'nul\0' }],
      ['/customerId', { displayName: 'x', customerId: 'summary' }],
      ['/tier', { displayName: 'x', tier: 'scale' }],
    ] as const) {
      const { details } = await plane.client.refuse(createCustomer, 'VALIDATION_ERROR', { token, body })
      assert.ok(details[0]?.path.startsWith(path), JSON.stringify(details))
    }
  })

  test('a comparison', async () => {
    const [yes, no] = [amountOf('1'), amountOf('1.5')]
    const comparison = {
      customerId: CUSTOMER,
      startingBalance: amountOf('0'),
      neutralBalance: yes,
      yourBalance: yes,
      theirBalance: no,
      matchesYours: true,
      matchesTheirs: false,
      yourDifference: amountOf('0'),
      theirDifference: amountOf('0.5'),
      verdict: 'theirs_differs',
      deltasCount: 1,
      latestReceiptId: HASH,
      discrepancies: [],
      discrepanciesCount: 0,
      divergence: null,
      theirReceipt: null,
    } satisfies EndpointData<typeof compareBalances>
    const yourDeltas = [{ referenceId: 'ref', delta: '0.000000000001' }]
    const body = { customerId: CUSTOMER, yourBalance: '1', theirBalance: '1.5', yourDeltas }
    const asked = await shown(compareBalances, comparison, api.compareLedger, { body })
    assert.equal(Object(asked).body.yourDeltas[0].delta, amountOf('0.000000000001'))
  })

  test('deltas of all customers', async () => {
    const [delta] = receiptOf([['-1.5', 'r', 'ref']]).deltas
    assert.ok(delta)
    const page = { page: 2, limit: 1, hasMore: true }
    const query = { customerId: CUSTOMER, status: 'VERIFIED', search: 'a b&c', page: 2, limit: 1 }
    const list = { deltas: [{ ...delta, customerId: CUSTOMER }], pagination: page }
    const asked = await shown(listPlaneDeltas, list, api.listLedgerDeltas, { query })
    assert.deepEqual({ ...Object(asked).query }, query)
  })

  test('one delta', async () => {
    const delta = {
      recordId: RECORD,
      anchorId: 'a_0',
      receiptId: HASH,
      customerId: CUSTOMER,
      delta: amountOf('-3'),
      reason: 'r',
      referenceId: null,
      metadata: { a: [1] },
      adjusts: null,
      sequenceNumber: 1,
      contentHash: HASH,
      itemHash: HASH,
      previousProofHash: HASH,
      status: 'QUEUED',
      createdAt: TIME,
      adjustedBy: [],
      verifiedAt: null,
      logCheckpoint: null,
      anchors: [],
      proof: null,
    } satisfies EndpointData<typeof getDelta>
    await shown(getDelta, delta, api.getLedgerDelta, { params: { recordId: RECORD } })
  })

  test('a receipt, and its proof file as text by format or Accept', async () => {
    const params = { customerId: CUSTOMER }
    const asked = await shown(getReceipt, receiptOf([['1', 'r', null]]), api.getLedgerReceipt, { params })
    assert.equal(Object(asked).query.format, 'json')
    const { token } = user
    for (const form of [{ query: { format: 'tlog-proof' } }, { headers: { accept: 'text/plain' } }]) {
      const { text } = await plane.client.call(api.getLedgerReceipt, { token, params, ...form })
      assert.equal(text, TLOG_PROOF)
    }
    plane.planes.sandbox.show(user.tenantId, getReceipt, () => receiptOf([]))
    const query = { format: 'tlog-proof' }
    await plane.client.refuse(api.getLedgerReceipt, 'NOT_FOUND', { token, params, query })
  })
})

describe('an export', () => {
  const params = { customerId: CUSTOMER }
  const header =
    'sequenceNumber,createdAt,delta,balance,reason,referenceId,recordId,anchorId,itemHash,receiptId'
  const quotedHeader = header.replaceAll(/\w+/g, '"$&"')

  test('is a file of exact amounts that no spreadsheet takes for formulas', async () => {
    const receipt = receiptOf([
      ['-0.000000000001', '=HYPERLINK("http://evil")', '@ref'],
      ['1000000000', 'line\nbreak, comma', null],
    ])
    plane.planes.sandbox.show(user.tenantId, getReceipt, () => ({
      ...receipt,
      startingBalance: amountOf('5'),
    }))
    const query = { period: '2026-01' }
    const { headers, text } = await plane.client.call(api.exportLedger, { token: user.token, params, query })
    assert.equal(headers.get('content-disposition'), 'attachment; filename="ledger-cust_1.csv"')
    const rest = `"${RECORD}","a_0","${HASH}","${HASH}"`
    assert.deepEqual(text.split('\r\n'), [
      quotedHeader,
      `1,"${TIME}",-0.000000000001,4.999999999999,"'=HYPERLINK(""http://evil"")","'@ref",${rest}`,
      `2,"${TIME}",1000000000,1000000004.999999999999,"line\nbreak, comma",,${rest}`,
      '',
    ])
  })

  test('of no deltas has its header', async () => {
    plane.planes.sandbox.show(user.tenantId, getReceipt, () => receiptOf([]))
    const { text } = await plane.client.call(api.exportLedger, { token: user.token, params })
    assert.equal(text, `${quotedHeader}\r\n`)
  })

  /** As a plane answers whose ledger grows by one delta with each page that is asked for. */
  function growingLedger(count: number, lostFrom = Number.POSITIVE_INFINITY): void {
    let total = count
    plane.planes.sandbox.show(user.tenantId, getReceipt, ({ query }) => {
      const { limit = 0, offset = 0 } = query
      const rows = Math.max(0, Math.min(limit, total - offset, lostFrom - offset))
      const receipt = receiptOf(
        Array.from({ length: rows }, () => ['1', 'r', null]),
        offset,
      )
      return { ...receipt, pagination: { total: total++, limit, offset, hasMore: true } }
    })
  }

  test('of many pages has each delta that was there when it began, once', async () => {
    growingLedger(2_500)
    const { text } = await plane.client.call(api.exportLedger, { token: user.token, params })
    const lines = text.trimEnd().split('\r\n').slice(1)
    assert.equal(lines.length, 2_500)
    for (const [i, line] of lines.entries()) {
      assert.ok(line.startsWith(`${i + 1},"${TIME}",1,${i + 1},`), line)
    }
  })

  test('that cannot be finished breaks off, so that no part looks whole', async () => {
    growingLedger(2_500, 1_500)
    await assert.rejects(plane.client.call(api.exportLedger, { token: user.token, params }))
  })
})

describe('an export of deltas of all customers', () => {
  const header =
    'createdAt,customerId,sequenceNumber,delta,reason,referenceId,status,recordId,anchorId,itemHash,receiptId'
  const quotedHeader = header.replaceAll(/\w+/g, '"$&"')

  /** As a plane answers whose log grows by one delta with each page that is asked for; its rows are numbered by anchorId. */
  function growingLog(count: number): TestCall[] {
    let size = count
    const asked: TestCall[] = []
    plane.planes.sandbox.show(user.tenantId, listPlaneDeltas, ({ query }) => {
      asked.push({ query: { ...query } })
      const { limit = 0, before } = query
      const end = before === undefined ? size++ : Number(before.slice(2))
      const rows = Array.from({ length: Math.min(limit, end) }, (_, i) => end - 1 - i)
      return {
        deltas: rows.map((index) => ({ ...listedDelta('-0.5', '+1'), anchorId: `a_${index}` as const })),
        pagination: { page: 1, limit, hasMore: end > limit },
      }
    })
    return asked
  }

  test('has the filter that was asked for, exact amounts, and nothing that a spreadsheet takes for a formula', async () => {
    const asked = growingLog(1)
    const query = { customerId: CUSTOMER, status: 'VERIFIED', search: 'a b&c' }
    const { headers, text } = await plane.client.call(api.exportLedgerDeltas, { token: user.token, query })
    assert.equal(headers.get('content-disposition'), 'attachment; filename="deltas-cust_1.csv"')
    assert.deepEqual(asked, [{ query: { ...query, limit: 1_000, page: 1 } }])
    assert.deepEqual(text.split('\r\n'), [
      quotedHeader,
      `"${TIME}","${CUSTOMER}",1,-0.5,"'+1",,"VERIFIED","${RECORD}","a_0","${HASH}","${HASH}"`,
      '',
    ])
  })

  test('has each delta that was there when it began, once, while others arrive', async () => {
    growingLog(2_500)
    const { headers, text } = await plane.client.call(api.exportLedgerDeltas, { token: user.token })
    assert.equal(headers.get('content-disposition'), 'attachment; filename="deltas.csv"')
    const lines = text.trimEnd().split('\r\n').slice(1)
    const places = lines.map((line) => /"a_(\d+)"/.exec(line)?.[1])
    assert.deepEqual(
      places,
      Array.from({ length: 2_500 }, (_, i) => String(2_499 - i)),
    )
  })

  test('of no deltas has its header', async () => {
    growingLog(0)
    const { text } = await plane.client.call(api.exportLedgerDeltas, { token: user.token })
    assert.equal(text, `${quotedHeader}\r\n`)
  })

  test('that cannot be finished breaks off, so that no part looks whole', async () => {
    let pages = 0
    plane.planes.sandbox.show(user.tenantId, listPlaneDeltas, () => {
      if (++pages > 1) throw new Problem('SERVICE_UNAVAILABLE')
      return { deltas: [listedDelta('1', 'r')], pagination: { page: 1, limit: 1_000, hasMore: true } }
    })
    await assert.rejects(plane.client.call(api.exportLedgerDeltas, { token: user.token }))
  })
})

function listedDelta(delta: string, reason: string): EndpointData<typeof listPlaneDeltas>['deltas'][number] {
  const [row] = receiptOf([[delta, reason, null]]).deltas
  assert.ok(row)
  return { ...row, customerId: CUSTOMER }
}

/** A receipt as a plane answers it, of deltas with amount, reason and reference, numbered from `offset` + 1. */
function receiptOf(deltas: readonly (readonly [string, string, string | null])[], offset = 0): Receipt {
  const proof = {
    proofHash: HASH,
    contentHash: HASH,
    previousProofHash: HASH,
    itemHash: HASH,
    tlogProof: TLOG_PROOF,
    publicKey: 'k',
  }
  return {
    customerId: CUSTOMER,
    ledgerIdentifier: 'x',
    generatedAt: TIME,
    deltasCount: deltas.length,
    finalBalance: amountOf('1'),
    itemsRoot: HASH,
    receiptId: HASH,
    latestCheckpoint: HASH,
    deltas: deltas.map(([delta, reason, referenceId], i) => ({
      anchorId: 'a_0',
      recordId: RECORD,
      sequenceNumber: offset + i + 1,
      itemHash: HASH,
      itemsRoot: HASH,
      receiptId: HASH,
      delta: amountOf(delta),
      reason,
      referenceId,
      window: '2026-01',
      status: 'VERIFIED',
      createdAt: TIME,
    })),
    windowSummaries: [],
    verification: {
      itemHashes: [],
      proof: deltas.length === 0 ? null : proof,
      publicKey: 'k',
      verifyUrl: null,
      verificationApiUrl: null,
    },
    pagination: { total: deltas.length, limit: 1_000, offset, hasMore: false },
  }
}
