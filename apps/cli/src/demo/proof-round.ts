import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PacSpace } from '@pacspace-io/sdk/core/pacspace'

/** What the proof of one delta was put through. */
export interface ProofRound {
  readonly sizeBytes: number
  /** What `pacspace verify` printed about it. */
  readonly verdict: string
  /** What it printed about the same file with one byte changed. */
  readonly refusal: string
}

const main = fileURLToPath(import.meta.resolve('../main.ts'))

/**
 * Takes the proof of a customer's newest delta and the log's public key to files in `folder`, verifies them in a
 * process that can read files and nothing else, and has the proof refused after every change of a single byte. Throws
 * when any of it comes out otherwise.
 */
export async function proofRound(
  client: PacSpace<boolean>,
  { customerId, baseUrl, folder }: { customerId: string; baseUrl: string; folder: string },
): Promise<ProofRound> {
  const { tlogProof, publicKey } = await newestProof(client, customerId)
  const proofPath = join(folder, `${customerId}.tlog-proof`)
  const keyPath = join(folder, 'log.key')
  await writeFile(proofPath, tlogProof)
  await writeFile(keyPath, await servedKey(baseUrl, publicKey))

  const verdict = await verifyInOtherProcess(proofPath, keyPath)
  if (verdict.code !== 0) throw new Error(`The proof was refused:\n${verdict.output}`)

  const bytes = await readFile(proofPath)
  const forgedAt = await refuseEveryChange(client, bytes, publicKey)
  const tamperedPath = join(folder, 'tampered.tlog-proof')
  await writeFile(tamperedPath, changedByte(bytes, forgedAt))
  const refusal = await verifyInOtherProcess(tamperedPath, keyPath)
  if (refusal.code !== 1) throw new Error(`A changed proof was not refused:\n${refusal.output}`)
  return { sizeBytes: bytes.length, verdict: verdict.output, refusal: refusal.output }
}

async function newestProof(client: PacSpace<boolean>, customerId: string) {
  const { deltasCount } = await client.balance.derive(customerId, { limit: 1 })
  const { deltas } = await client.balance.derive(customerId, { limit: 1, offset: deltasCount - 1 })
  const recordId = deltas[0]?.recordId
  if (recordId === undefined) throw new Error(`${customerId} has no delta`)
  const { proof } = await client.balance.deltaStatus(recordId)
  if (proof === null) throw new Error(`${recordId} has no proof`)
  return proof
}

/** The log's public key as the log itself publishes it. That it is the one beside the proof, too, is checked. */
async function servedKey(baseUrl: string, publicKey: string): Promise<string> {
  const logId = /^[^+]*\/log\/([0-9a-f]+)\+/.exec(publicKey)?.[1]
  const response = await fetch(`${baseUrl}/log/${logId}/key`)
  const text = await response.text()
  if (!response.ok || text.trim() !== publicKey)
    throw new Error(`The log serves another key (${response.status}): ${text}`)
  return text
}

/** Gives the place of a change that only the hashes betray: the file still reads like a proof. */
async function refuseEveryChange(
  client: PacSpace<boolean>,
  bytes: Buffer,
  publicKey: string,
): Promise<number> {
  let forgedAt: number | undefined
  for (let at = 0; at < bytes.length; at++) {
    const verdict = await client.verifyProof(changedByte(bytes, at).toString('utf8'), publicKey)
    if (verdict.verified) throw new Error(`The proof was accepted with byte ${at} changed`)
    if (verdict.failedStep.name === 'logRoot') forgedAt ??= at
  }
  return forgedAt ?? 0
}

/** A copy with the lowest bit of one byte turned. */
function changedByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

/** `pacspace verify` under Node's permission model: reading files is allowed, network and everything else is not. */
async function verifyInOtherProcess(
  proofPath: string,
  keyPath: string,
): Promise<{ code: number | null; output: string }> {
  const args = ['--permission', '--allow-fs-read=*', main, 'verify', proofPath, '--key', keyPath]
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ])
  return { code, output: (out.join('') + err.join('')).trimEnd() }
}
