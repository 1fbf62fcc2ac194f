import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { inBrowser, type Visit } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()

interface Made {
  readonly owner: Person
  readonly recordId: string
  readonly receiptId: string
  readonly proof: string
  readonly publicKey: string
  /** The answer of the Dashboard API, as the page offers it for a receipt. */
  readonly receipt: string
}

describe('deltas and their proofs', { skip: browser.skip }, () => {
  let made: Made
  before(async () => {
    const owner = await (await new Person(browser.stack, newSignUp()).register()).verifyEmail()
    const { balance } = owner.sdk(await owner.createKey('sandbox'))
    for (let i = 0; i < 5; i++)
      await balance.emit('acme', '12.5', 'usage of the day', { referenceId: `usage_${i}` })
    const first = await balance.emitAndWait('acme', '-250', 'seat charge', { referenceId: 'bill_31' })
    const { recordId, receiptId } = await balance.emitAndWait('acme', '250.000000000001', 'was wrong', {
      adjusts: { referenceId: 'bill_31' },
      metadata: { by: 'hand', lines: [1, 2.5] },
    })
    assert.notEqual(first.recordId, recordId)
    const delta = await owner.call('GET', `/deltas/${recordId}`, undefined, 'sandbox')
    const { tlogProof: proof, publicKey } = delta.proof
    const receipt = JSON.stringify({ ...delta, adjustedReference: 'bill_31' })
    made = { owner, recordId, receiptId, proof, publicKey, receipt }
  })

  it(
    'a delta that arrives appears on the list, is found by filters, and opens beside it at an address of its own',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/deltas', made.owner)
      await settled(page, 'Deltas')
      const { balance } = made.owner.sdk(await made.owner.createKey('sandbox', 'another'))
      await balance.emitAndWait('globex', '7', 'came while you looked', { referenceId: 'late_1' })
      const row = page.getByRole('row', { name: /came while you looked/ })
      await row.getByText('Verified').waitFor()

      await page.getByLabel('Customer').fill('acme')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.waitForURL(/customerId=acme/)
      await row.waitFor({ state: 'detached' })
      await page
        .getByRole('row', { name: /was wrong/ })
        .getByRole('link')
        .first()
        .click()
      await page.getByRole('dialog', { name: 'Delta' }).getByText('+250.000000000001').first().waitFor()
      await page.waitForURL(new RegExp(`open=${made.recordId}`))
      await page.reload()
      await page.getByRole('dialog', { name: 'Delta' }).waitFor()
      await page.keyboard.press('Escape')
      await page.waitForURL(
        (url) => !url.searchParams.has('open') && url.searchParams.get('customerId') === 'acme',
      )
    }),
  )

  it(
    'what the list shows is saved as CSV',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/deltas?customerId=acme', made.owner)
      await settled(page, 'Deltas')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export these as CSV' }).click(),
      ])
      const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
      assert.equal(lines.length, 1 + 7)
      const [, newest = ''] = lines
      assert.ok(newest.includes(`,7,250.000000000001,"was wrong",,"VERIFIED","${made.recordId}"`), newest)
    }),
  )

  it(
    'P6 a proof is verified in the browser step by step, by keyboard, and handed on as files that verify too',
    browser.test(async (visit) => {
      const page = await visit.open(`/sandbox/deltas/${made.recordId}`, made.owner)
      await settled(page, 'Delta')
      await page.getByText('Not verified by this browser yet').waitFor()
      await page.getByRole('button', { name: 'Verify in this browser' }).press('Enter')
      await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
      await page.getByText('250.000000000001 for acme, number 7 in its ledger').waitFor()

      const drawing = page.getByRole('toolbar', { name: /^The proof as a path/ })
      await drawing.getByRole('button', { name: /^Record/ }).focus()
      await page.keyboard.press('End')
      await page.getByRole('region', { name: 'About Anchor: file' }).waitFor()
      await page.keyboard.press('ArrowDown')
      await page.getByRole('region', { name: 'About Signed head' }).waitFor()
      await page.keyboard.press('Home')
      await page.getByRole('region', { name: 'About What is shown' }).waitFor()
      await page.getByRole('button', { name: 'Show as a list' }).click()
      await page.getByRole('listitem').filter({ hasText: 'Root of the log' }).getByText('verified').waitFor()

      for (const name of ['Proof file', 'JSON receipt']) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name }).click(),
        ])
        const verifier = await page.context().newPage()
        await verifier.goto('/verify')
        await verifier.getByLabel('Proof file').setInputFiles(await download.path())
        // The key is one that this browser has met on the page of the delta.
        await verifier.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
        await verifier.close()
      }
    }),
  )

  it(
    'a page that shows another amount than the proof commits to says so, in red, with both values',
    browser.test(async (visit) => {
      const page = await visit.open('/login', made.owner)
      await page.route(`**/dashboard/deltas/${made.recordId}`, async (route) => {
        const answer = await route.fetch()
        const text = (await answer.text()).replace('"delta":"250.000000000001"', '"delta":"250.000000000002"')
        await route.fulfill({ response: answer, body: text })
      })
      await page.goto(`/sandbox/deltas/${made.recordId}`)
      await page.getByRole('button', { name: 'Verify in this browser' }).click()
      await page.getByRole('heading', { name: 'Refused: do not rely on this proof' }).waitFor()
      const details = page.getByRole('region', { name: 'About What is shown' })
      await details.getByText('250.000000000002').waitFor()
      await details.getByText('250.000000000001').waitFor()
    }),
  )

  it(
    'a proof root is shown to anybody who holds it, with its proof; an unknown one is not found',
    browser.test(async (visit) => {
      const page = await visit.open(`/verify/${made.receiptId}`)
      await settled(page, 'Verify a proof root')
      await page.getByRole('heading', { name: 'The server has recomputed it: it holds' }).waitFor()
      await page.getByText('Sandbox: this is test data').waitFor()
      await page.getByRole('row', { name: /seat charge/ }).waitFor()
      await page.getByRole('button', { name: 'Verify in this browser' }).click()
      await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
      await page.goto(`/verify/0x${'00'.repeat(32)}`)
      await page.getByRole('heading', { name: 'This server knows nothing of this root' }).waitFor()
    }),
  )

  const choose = (page: Page, name: string, text: string) =>
    page.getByLabel('Proof file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  const openWithKey = (visit: Visit) => visit.open(`/verify#key=${encodeURIComponent(made.publicKey)}`)

  it(
    'P6 a file is verified without a connection, and without one request, with the key of the link',
    browser.test(async (visit) => {
      const page = await openWithKey(visit)
      await settled(page, 'Verify a proof file')
      await page.waitForLoadState('networkidle')
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await page.context().setOffline(true)
      await choose(page, 'bill.tlog-proof', made.proof)
      await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
      await page.getByText('+250.000000000001 for acme, number 7 in its ledger').waitFor()
      await page.getByText('The log’s key came with the link that led here').waitFor()
      assert.deepEqual(requests, [])
    }),
  )

  it(
    'each of several tampered files is refused, and the place is named',
    browser.test(async (visit) => {
      const page = await openWithKey(visit)
      for (const [name, tampered, place] of tamperedFiles(made.proof, made.receipt)) {
        await settled(page, 'Verify a proof file')
        await choose(page, name, tampered)
        await page.getByRole('heading', { name: 'Refused: do not rely on this proof' }).waitFor()
        const where = await page.getByText('It breaks at').innerText()
        assert.ok(where.startsWith(`It breaks at ${place}.`), `${name}: ${where}`)
        await page.getByRole('button', { name: 'Choose another file' }).click()
      }
    }),
  )

  it(
    'a file whose signer nobody vouches for is neither verified nor refused; this server names the key when it is asked',
    browser.test(async (visit) => {
      const page = await visit.open('/verify')
      await settled(page, 'Verify a proof file')
      await choose(page, 'receipt.json', made.receipt)
      await page.getByRole('heading', { name: 'Holds together; whose signature is open' }).waitFor()
      await page.getByLabel('Key of the log').fill('not a key')
      await page.getByRole('button', { name: 'Trust this key' }).click()
      await page.getByText('A key is one line').waitFor()
      await page.getByRole('button', { name: 'Ask this server for the key' }).click()
      await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
      // From now on this browser knows it.
      await page.reload()
      await choose(page, 'bill.tlog-proof', made.proof)
      await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
      await page.getByText('one that this browser has verified something with before').waitFor()
    }),
  )
})

/** Name, text, and the station at which it must break. */
function tamperedFiles(proof: string, receipt: string): readonly (readonly [string, string, string])[] {
  const lines = proof.split('\n')
  const extra = JSON.parse(Buffer.from((lines[1] ?? '').slice('extra '.length), 'base64').toString())
  const withExtra = (change: object) => {
    // Its members stand in canonical order already, and the changed ones keep their places.
    const text = JSON.stringify({ ...extra, ...change })
    return [lines[0], `extra ${Buffer.from(text).toString('base64')}`, ...lines.slice(2)].join('\n')
  }
  const withLine = (at: number, line: string) => lines.map((old, i) => (i === at ? line : old)).join('\n')
  const flipped = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
  const head = lines.indexOf('')
  const signature = lines.findIndex((line) => line.startsWith('— '))
  const signed = lines[signature] ?? ''
  const at = signed.length - 20
  const wrongSignature = `${signed.slice(0, at)}${flipped(signed.slice(at))}`
  return [
    ['amount', withExtra({ record: { ...extra.record, delta: '-25' } }), 'Root of the log'],
    ['balance', withExtra({ record: { ...extra.record, balance: '0' } }), 'Root of the log'],
    [
      'history',
      withExtra({ record: { ...extra.record, previousProofHash: extra.record.contentHash } }),
      'Link to the one before',
    ],
    ['place', withExtra({ record: { ...extra.record, sequenceNumber: 9 } }), 'Root of the ledger'],
    ['sibling', withLine(3, flipped(lines[3] ?? '')), 'Root of the log'],
    ['head', withLine(head + 3, flipped(lines[head + 3] ?? '')), 'Root of the log'],
    ['signature', withLine(signature, wrongSignature), 'Signed head'],
    ['half', proof.slice(0, proof.length / 2), 'Proof file'],
    ['receipt.json', receipt.replace('"reason":"was wrong"', '"reason":"was right"'), 'What is shown'],
  ]
}
