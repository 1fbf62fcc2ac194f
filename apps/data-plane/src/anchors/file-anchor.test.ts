import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { it } from 'node:test'
import { SimulatedDisk } from '@pacspace/testing/simulation/simulated-files'
import type { AnchorFiles } from './anchor-files.ts'
import { FileAnchor } from './file-anchor.ts'
import { signHead } from './log-key.ts'

const FOLDER = '/anchor'
const LOG = 'log'

/** The disk as a process sees it that fails, or is dead, from the first operation of a name on: before that is done. */
function filesOf(disk: SimulatedDisk, failsFrom?: string): AnchorFiles {
  let hasFailed = false
  const files = disk.filesFor(async (name, work) => {
    hasFailed ||= name === failsFrom
    if (hasFailed) throw new Error('the disk fails')
    return work()
  })
  return files as unknown as AnchorFiles // what the anchor uses of it
}

function headOfEmptyLog() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const root = createHash('sha256').digest()
  return { size: 0, root, note: signHead({ origin: 'example.com/log', size: 0, root }, raw, privateKey) }
}

it('a head that somebody wrote and could not flush is on disk once another has published it', async () => {
  const disk = new SimulatedDisk()
  const head = headOfEmptyLog()
  const noTiles = () => assert.fail('an empty log has no tiles')
  const first = new FileAnchor(FOLDER, { writer: 'first', files: filesOf(disk, 'datasync') })
  await assert.rejects(first.publish(LOG, head, noTiles), /the disk fails/)
  const second = new FileAnchor(FOLDER, { writer: 'second', files: filesOf(disk) })
  // It is seen, as a power cut would not leave it.
  assert.equal((await second.peek(LOG))?.size, 0)
  assert.equal(disk.durableBytes(`${FOLDER}/${LOG}/journal`)?.length ?? 0, 0)

  await second.publish(LOG, head, noTiles)
  const durable = disk.durableBytes(`${FOLDER}/${LOG}/journal`)?.toString() ?? ''
  assert.ok(durable.includes(Buffer.from(head.note).toString('base64')), 'the journal does not hold it')
  assert.equal((await second.peek(LOG))?.note, head.note)
})
