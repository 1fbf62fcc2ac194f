import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { ProofError } from '@pacspace/proofs/proof-error'
import type { Command } from 'commander'
import { type FileVerdict, judgeFile, type ReadFiles, VerifyError } from './judge-file.ts'
import { type WordedStep, wordSteps, wordVerdict } from './proof-words.ts'

interface Options {
  readonly key?: string[]
  readonly root?: string
  readonly entry?: string
  readonly older?: string
  readonly newer?: string
  readonly json?: true
}

/** `pacspace verify FILE --key KEY`: checks what a file proves. Uses no network. */
export function defineVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      'check a proof, a signed log checkpoint, or that one extends another; needs the log’s public key and no network',
    )
    .argument(
      '<file>',
      'a tlog-proof, a signed log checkpoint, or a consistency proof; - reads standard input',
    )
    .option('--key <key...>', 'public key of the log, or a file that holds it; several after a key rotation')
    .option('--root <hex>', 'a proof root (receipt id) that you hold: checks that a bare tlog-proof is of it')
    .option('--entry <hex>', 'a log entry that you hold, 33 bytes: checks that a bare tlog-proof is of it')
    .option('--older <file>', 'the older signed checkpoint of a consistency proof')
    .option('--newer <file>', 'the newer signed checkpoint of a consistency proof')
    .option('--json', 'print the verdict as JSON')
    .addHelpText('after', helpText)
    .action(async (path: string, options: Options) => {
      process.exitCode = await verify(path, options)
    })
}

const helpText = `
What the file is, it says itself:
  proof of a delta, a checkpoint or a fact   pacspace verify FILE --key KEY
  tlog-proof without extra data              pacspace verify FILE --root 0x… --key KEY
  signed log checkpoint (/log/ID/checkpoint) pacspace verify FILE --key KEY
  consistency proof (/log/ID/consistency)    pacspace verify FILE --older CHECKPOINT --newer CHECKPOINT --key KEY

The key is one line, NAME+ID+BASE64, as BASE_URL/log/ID/key serves it. Take it from where you trust it, not from whoever
gave you the proof: keep it in a file of yours and give that. Without a key, every step but the signature is shown, and
nothing counts as verified.

Exit code: 0 verified; 1 not verified; 2 nothing could be checked (a file that cannot be read, no key in it, an option
that is missing).`

async function verify(path: string, options: Options): Promise<number> {
  try {
    const keys = (await Promise.all((options.key ?? []).map(readKey))).flat()
    const verdict = await judgeFile(await readFiles(path, options), keys)
    if (options.json) console.log(JSON.stringify(verdict, asJson, 2))
    else print(verdict, keys.length > 0)
    return verdict.verified ? 0 : 1
  } catch (error) {
    if (!(error instanceof VerifyError || error instanceof ProofError || isFileError(error))) throw error
    if (options.json) console.log(JSON.stringify({ verified: false, message: error.message }, undefined, 2))
    else process.stderr.write(`${error.message}\n`)
    return 2
  }
}

async function readFiles(path: string, { root, entry, older, newer }: Options): Promise<ReadFiles> {
  return {
    file: await readText(path),
    root,
    entry,
    older: older === undefined ? undefined : await readText(older),
    newer: newer === undefined ? undefined : await readText(newer),
  }
}

/** Bytes as `0x` hex, like everywhere in JSON. */
function asJson(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value
}

function print(verdict: FileVerdict, hasKey: boolean): void {
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

function readText(path: string): Promise<string> {
  return path === '-' ? text(process.stdin) : readFile(path, 'utf8')
}

/** Keys hold a `+`, and a base64 that no path has; a file may hold several, one a line. */
async function readKey(keyOrPath: string): Promise<string[]> {
  if (/^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(keyOrPath)) return [keyOrPath]
  const lines = (await readFile(keyOrPath, 'utf8')).split('\n')
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
