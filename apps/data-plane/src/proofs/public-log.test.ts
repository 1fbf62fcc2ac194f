import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/definition/public-log'
import { getPlaneTenant } from '@pacspace/api/internal/plane'
import { toHex } from '@pacspace/proofs/hex'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { EMPTY_ROOT } from '@pacspace/proofs/merkle'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import { confirm } from '../anchors/confirm.ts'
import { integrate } from '../anchors/integrate.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
let origin: string
let params: { logId: string }
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const state = await plane.internal.succeed(getPlaneTenant, {
    token: plane.internalSecret,
    params: { tenantId: tenant.tenantId },
  })
  origin = state.origin ?? ''
  params = { logId: origin.split('/').at(-1) ?? '' }
})
after(() => plane[Symbol.asyncDispose]())

describe('the public log', () => {
  it('of an empty tenant is signed, and verifies with nothing but the two routes', async () => {
    assert.match(origin, /^test\.pacspace\.example\/log\/[0-9a-f]{32}$/)
    const key = await plane.client.call(api.getLogKey, { params })
    assert.equal(key.status, 200)
    assert.equal(key.headers.get('access-control-allow-origin'), '*')
    assert.ok(key.text.endsWith('\n'))
    assert.equal(parseVerifierKey(key.text.trimEnd()).name, origin)
    const note = await plane.client.succeed(api.getLogCheckpoint, { params })
    const { checkpoint } = await verifyLogCheckpoint(note, { logKeys: [key.text.trimEnd()] })
    assert.equal(checkpoint.origin, origin)
    assert.deepEqual([checkpoint.size, toHex(checkpoint.root)], [0, toHex(EMPTY_ROOT)])
  })

  it('shows a head once it is anchored, and not when it is only signed', async () => {
    const body = { customerId: 'cust', delta: 1, reason: 'x' }
    const { recordId } = await plane.client.succeed(emitDelta, { key: tenant.key, body })
    const read = () => plane.client.succeed(api.getLogCheckpoint, { params })
    const empty = await read()
    assert.equal(await integrate(plane.worker, tenant.tenantNo), 'grown')
    assert.equal(await read(), empty)
    assert.equal(await confirm(plane.worker, tenant.tenantNo), 'confirmed')
    const publicKey = (await plane.client.succeed(api.getLogKey, { params })).trimEnd()
    const { checkpoint } = await verifyLogCheckpoint(await read(), { logKeys: [publicKey] })
    const { logCheckpoint, proof } = await plane.client.succeed(getDelta, {
      key: tenant.key,
      params: { recordId },
    })
    assert.deepEqual({ size: checkpoint.size, root: toHex(checkpoint.root) }, logCheckpoint)
    assert.equal(proof?.publicKey, publicKey)
  })

  it('needs no key and takes none into account', async () => {
    const { status } = await plane.client.call(api.getLogKey, { params, key: 'pk_test_nonsense' })
    assert.equal(status, 200)
  })

  it('that nobody has is 404, and a name that is too long is refused', async () => {
    for (const endpoint of [api.getLogCheckpoint, api.getLogKey]) {
      for (const logId of [
        '0'.repeat(32),
        'x',
        params.logId.toUpperCase(),
        `${params.logId}0`,
        tenant.tenantId,
      ]) {
        await plane.client.refuse(endpoint, 'NOT_FOUND', { params: { logId } })
      }
      await plane.client.refuse(endpoint, 'VALIDATION_ERROR', { params: { logId: 'x'.repeat(65) } })
    }
  })

  it('says nothing of tenants, customers, contents or roots that public verify takes', async () => {
    const secret = {
      customerId: 'very-private',
      delta: 12345,
      reason: 'private reason',
      referenceId: 'private-ref',
    }
    const { recordId, receiptId, contentHash, itemHash } = await plane.client.succeed(emitDelta, {
      key: tenant.key,
      body: secret,
    })
    await plane.verifyAll()
    const texts = [
      await plane.client.succeed(api.getLogCheckpoint, { params }),
      await plane.client.succeed(api.getLogKey, { params }),
      (await anchoredBytes()).toString('latin1'),
    ]
    for (const text of texts) {
      for (const word of [tenant.tenantId, 'very-private', '12345', 'private reason', recordId]) {
        assert.ok(!text.includes(word), word)
      }
      for (const hash of [receiptId, contentHash, itemHash]) {
        const bytes = Buffer.from(hash.slice(2), 'hex')
        assert.ok(!Buffer.from(text, 'latin1').includes(bytes))
        assert.ok(!text.includes(bytes.toString('hex')) && !text.includes(bytes.toString('base64')))
      }
    }
  })
})

/** All bytes of all files that the anchor holds of the log, as anybody may fetch them. */
async function anchoredBytes(): Promise<Buffer> {
  const folder = join(plane.anchorDir, params.logId)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  assert.ok(files.length >= 4)
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
  return Buffer.concat(contents)
}

it('what was written meanwhile is sound', () => plane.requireSound())
