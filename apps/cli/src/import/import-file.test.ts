import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { checkFile } from './check-file.ts'
import { importFile } from './import-file.ts'
import type { RowMapping } from './row-mapping.ts'
import { type LedgerServer, serveLedger } from './testing/ledger-server.ts'
import { temporaryCsv } from './testing/temporary-csv.ts'

const mapping: RowMapping = {
  customer: 'who',
  delta: 'amount',
  reason: undefined,
  reasonText: 'usage',
  reference: undefined,
  scale: 0,
}

interface RunOptions {
  readonly mapping?: Partial<RowMapping>
  readonly parallel?: number
  readonly batchRows?: number
}

async function run(path: string, ledger: LedgerServer, options: RunOptions = {}) {
  const reading = { path, mapping: { ...mapping, ...options.mapping }, delimiter: ',' }
  const checked = await checkFile(reading)
  const client = new PacSpace({ apiKey: 'pk_test_x.y', baseUrl: ledger.url, maxRetries: 0 })
  const { parallel = 3, batchRows = 10 } = options
  const result = await importFile({ ...reading, checked, client, parallel, batchRows })
  return { checked, ...result }
}

const rowsOf = (count: number) =>
  `who,amount\n${Array.from({ length: count }, (_, i) => `c${i % 7},${i + 1}\n`).join('')}`

describe('an import', () => {
  it('writes every row once, in batches that are never larger than asked', async () => {
    await using ledger = await serveLedger({
      beforeAnswer: async () => {
        onTheirWay += 1
        most = Math.max(most, onTheirWay)
        await new Promise(setImmediate)
        onTheirWay -= 1
      },
    })
    let onTheirWay = 0
    let most = 0
    await using file = await temporaryCsv(rowsOf(95))
    const { written, checked, refused } = await run(file.path, ledger)
    assert.deepEqual([written, checked.rows, checked.customers, refused.length], [95, 95, 7, 0])
    assert.equal(ledger.batches(), 10)
    assert.deepEqual(
      ledger.written.map(({ delta }) => Number(delta)).sort((a, b) => a - b),
      Array.from({ length: 95 }, (_, i) => i + 1),
    )
    assert.ok(most <= 3, `${most} batches at a time`)
  })

  it('keeps the order of the file, one batch at a time', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(35))
    await run(file.path, ledger, { parallel: 1 })
    assert.deepEqual(
      ledger.written.map(({ delta }) => Number(delta)),
      Array.from({ length: 35 }, (_, i) => i + 1),
    )
  })

  it('sends amounts digit by digit, references and reasons as they stand', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(
      '\uFEFFid,amount,who,why\r\nr1,-0.000000000001,"Acme, Inc.","seats\nand ""more"""\r\n,100000000.0000000001,c2,x\r\n',
    )
    await run(file.path, ledger, { mapping: { reason: 'why', reference: 'id' } })
    assert.deepEqual(ledger.written, [
      {
        customerId: 'x:Acme:2C:20Inc.',
        delta: '-0.000000000001',
        reason: 'seats\nand "more"',
        referenceId: 'r1',
      },
      { customerId: 'c2', delta: '100000000.0000000001', reason: 'x' },
    ])
  })

  it('scales minor units exactly', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv('who,amount\na,1234\nb,-5\nc,0.1\nd,0.00000000001\n')
    const { checked } = await run(file.path, ledger, { mapping: { scale: 2 } })
    assert.deepEqual(
      ledger.written.map(({ delta }) => delta),
      ['12.34', '-0.05', '0.001'],
    )
    assert.deepEqual(
      checked.refused.map(({ line }) => line),
      [5],
    )
  })
})

describe('the same import again', () => {
  it('writes nothing, whatever the file is called', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(25))
    await using copy = await temporaryCsv(rowsOf(25))
    const first = await run(file.path, ledger)
    const second = await run(copy.path, ledger)
    assert.equal(ledger.written.length, 25)
    assert.equal(second.written, first.written)
    assert.equal(ledger.replays(), 3)
  })

  it('goes on where it broke off', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(50))
    ledger.rules = { allowance: (deltas) => (ledger.batches() < 2 ? deltas.length : 0) }
    await assert.rejects(run(file.path, ledger, { parallel: 1 }), {
      code: 'INSUFFICIENT_CREDITS',
      statusCode: 402,
    })
    assert.equal(ledger.written.length, 20)
    ledger.rules = {}
    await run(file.path, ledger, { parallel: 1 })
    assert.deepEqual(
      ledger.written.map(({ delta }) => Number(delta)),
      Array.from({ length: 50 }, (_, i) => i + 1),
    )
  })

  it('writes what an allowance left over within a batch, once there is a new one', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(10))
    ledger.rules = { allowance: (deltas) => Math.max(0, deltas.length - 4 - ledger.written.length) }
    await assert.rejects(run(file.path, ledger), { statusCode: 402 })
    assert.equal(ledger.written.length, 6)
    ledger.rules = { allowance: (deltas) => (deltas.length > 1 ? 1 : 0) }
    await assert.rejects(run(file.path, ledger), { statusCode: 402 })
    ledger.rules = {}
    const { written } = await run(file.path, ledger)
    assert.equal(written, 10)
    assert.deepEqual(
      ledger.written.map(({ delta }) => Number(delta)).sort((a, b) => a - b),
      Array.from({ length: 10 }, (_, i) => i + 1),
    )
  })

  it('with another reason or column is another import', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(5))
    await run(file.path, ledger)
    await run(file.path, ledger, { mapping: { reasonText: 'again' } })
    assert.equal(ledger.written.length, 10)
  })
})

describe('bad rows', () => {
  it('are listed with the line they begin in and do not stop the rest; zeros are counted', async () => {
    await using ledger = await serveLedger()
    const rows = [
      'who,amount,why', // line 1
      'a,1,ok',
      '"b\nb",2,ok', // lines 3–4
      'c,1,5,ok',
      'd',
      '', // an empty line is no row
      ',1,ok', // line 8
      'e,0,ok',
      'f,-0.00,ok',
      'g,12 EUR,ok',
      'h,1000000000.1,ok',
      `${'i'.repeat(129)},1,ok`,
      'j,1,',
      'k,1,bad', // refused by the API
      'l,1,ok',
    ]
    await using file = await temporaryCsv(rows.join('\n'))
    const { checked, refused, written } = await run(file.path, ledger, { mapping: { reason: 'why' } })
    assert.deepEqual(
      checked.refused.map(({ line }) => line),
      [5, 6, 8, 11, 12, 13, 14],
    )
    assert.match(checked.refused[3]?.why ?? '', /^amount must be a finite decimal number: "12 EUR"$/)
    assert.deepEqual(refused, [{ line: 15, why: 'reason is bad' }])
    assert.equal(checked.zeros, 2)
    assert.equal(written, 3)
    assert.deepEqual(
      ledger.written.map(({ customerId }) => customerId),
      ['a', 'x:b:0Ab', 'l'],
    )
  })
})

describe('a file that cannot be read to its end writes nothing', () => {
  const unusable: [string, string | Uint8Array, RegExp][] = [
    ['no header', '', /is empty/],
    ['a column that is not there', 'who,count\na,1\n', /no column "amount"\. Columns: who, count/],
    ['a column that is there twice', 'who,amount,amount\na,1,2\n', /Two columns are called "amount"/],
    ['a quote that is never closed', `${rowsOf(30)}"a,1\nb,2\n`, /Quote Not Closed/],
    ['Latin-1 text', Buffer.from('who,amount\nCafé,1\n', 'latin1'), /is not UTF-8/],
    ['UTF-8 cut in the middle', Buffer.from('who,amount\na,1\nb,2 é').subarray(0, -1), /is not UTF-8/],
  ]
  for (const [what, content, message] of unusable) {
    it(what, async () => {
      await using ledger = await serveLedger()
      await using file = await temporaryCsv(content)
      await assert.rejects(run(file.path, ledger), { name: 'ImportError', message })
      assert.equal(ledger.batches(), 0)
    })
  }

  it('one that is not there', async () => {
    await using ledger = await serveLedger()
    await assert.rejects(run('/no/such/file.csv', ledger), { name: 'ImportError', message: /ENOENT/ })
  })
})

it('a file that changes while it is imported is reported', async () => {
  await using file = await temporaryCsv(rowsOf(5))
  await using ledger = await serveLedger({ beforeAnswer: () => appendFile(file.path, 'z,1\n') })
  await assert.rejects(run(file.path, ledger), { name: 'ImportError', message: /was changed/ })
})
