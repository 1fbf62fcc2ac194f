import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { PacSpaceError } from '@pacspace-io/sdk/core/error'
import { type ProofVerdict, verifyProof } from '@pacspace-io/sdk/core/verify-proof'
import type { Command } from 'commander'
import { type WordedStep, wordSteps, wordVerdict } from './proof-words.ts'

interface Options {
  readonly key?: string[]
  readonly json?: true
}

/** `pacspace verify FILE --key KEY`: checks an offline proof. Uses no network. */
export function defineVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check an offline proof; needs the log’s public key and nothing else, no network')
    .argument('<file>', 'a proof file (tlog-proof); - reads standard input')
    .option('--key <key...>', 'public key of the log, or a file that holds it; several after a key rotation')
    .option('--json', 'print the verdict as JSON')
    .addHelpText('after', helpText)
    .action(async (path: string, options: Options) => {
      process.exitCode = await verify(path, options)
    })
}

const helpText = `
The key is one line, NAME+ID+BASE64, as BASE_URL/log/ID/key serves it. Take it from where you trust it, not from whoever
gave you the proof: without a key, every step but the signature is shown, and the proof counts as not verified.

Exit code: 0 verified; 1 not.`

async function verify(path: string, { key = [], json }: Options): Promise<number> {
  try {
    const keys = (await Promise.all(key.map(readKey))).flat()
    const verdict = await verifyProof(await readProof(path), keys)
    if (json) console.log(JSON.stringify(jsonVerdict(verdict), undefined, 2))
    else print(verdict, keys.length > 0)
    return verdict.verified ? 0 : 1
  } catch (error) {
    if (!(error instanceof PacSpaceError || isFileError(error))) throw error
    if (json) console.log(JSON.stringify({ verified: false, message: error.message }, undefined, 2))
    else process.stderr.write(`${error.message}\n`)
    return 1
  }
}

/** Hashes as `0x` hex, like everywhere in JSON. */
function jsonVerdict(verdict: ProofVerdict): object {
  if (!verdict.verified) return verdict
  const { origin, size, root } = verdict.logCheckpoint
  return { ...verdict, logCheckpoint: { origin, size, root: `0x${Buffer.from(root).toString('hex')}` } }
}

function print(verdict: ProofVerdict, hasKey: boolean): void {
  wordSteps(verdict).forEach((step, index) => {
    console.log(stepText(step, index + 1))
  })
  console.log(
    `\n${styleText(verdict.verified ? 'green' : 'red', wordVerdict(verdict), { stream: process.stdout })}`,
  )
  if (!hasKey) console.log('No key was given: say with --key whose signature you trust.')
}

function stepText({ ok, text, values }: WordedStep, number: number): string {
  const mark = styleText(ok ? 'green' : 'red', ok ? '✓' : '✗', { stream: process.stdout })
  const head = `${mark} ${String(number).padStart(2)}. ${text}`
  return [
    head,
    ...values.map((value) => styleText('dim', `      ${value}`, { stream: process.stdout })),
  ].join('\n')
}

function readProof(path: string): Promise<string> {
  return path === '-' ? text(process.stdin) : readFile(path, 'utf8')
}

/** Keys hold a `+`, and a base64 that no path has; a file may hold several, one a line. */
async function readKey(keyOrPath: string): Promise<string[]> {
  if (/^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(keyOrPath)) return [keyOrPath]
  return (await readFile(keyOrPath, 'utf8')).split('\n').filter((line) => line.trim() !== '')
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
