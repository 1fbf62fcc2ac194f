import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { serveLedger } from './testing/ledger-server.ts'
import { temporaryCsv } from './testing/temporary-csv.ts'

const program = `
  const { Command } = await import('commander')
  const { defineImportCommand } = await import(${JSON.stringify(import.meta.resolve('./import-command.ts'))})
  const program = new Command('pacspace')
  defineImportCommand(program)
  await program.parseAsync(process.argv.slice(1), { from: 'user' })
`

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

function startImport(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, 'import', ...args], {
    cwd: import.meta.dirname,
    env: { PACSPACE_API_KEY: 'pk_test_x.y' },
  })
  const exited = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const text = (stream: Readable) => stream.setEncoding('utf8').toArray()
  const ended = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
    ([stdout, stderr, exit]) => {
      return { stdout: stdout.join(''), stderr: stderr.join(''), ...exit }
    },
  )
  return { child, ended }
}

const columns = ['--customer', 'who', '--delta', 'amount']
const rowsOf = (count: number) =>
  `who,amount\n${Array.from({ length: count }, (_, i) => `c${i % 7},${i + 1}\n`).join('')}`

describe('pacspace import', () => {
  it('killed with -9 at any moment and run again, it writes every row exactly once', async () => {
    const rows = 12_000
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(rows))
    const args = [file.path, ...columns, '--url', ledger.url]
    // Each run is killed after the ledger wrote its next batch and before the answer leaves.
    for (const batches of [1, 4, 9]) {
      const { child, ended } = startImport(args)
      ledger.rules = {
        beforeAnswer: async (count) => {
          if (count < batches) return
          child.kill('SIGKILL')
          await ended
        },
      }
      assert.equal((await ended).signal, 'SIGKILL')
    }
    assert.ok(ledger.written.length < rows, 'the kills came before the end')
    ledger.rules = {}
    const { code, stdout } = await startImport(args).ended
    assert.equal(code, 0)
    assert.equal(stdout, '12,000 rows: 12,000 written for 7 customers, 0 zero, 0 refused\n')
    assert.equal(ledger.batches(), 12)
    assert.deepEqual(
      ledger.written.map(({ delta }) => Number(delta)).sort((a, b) => a - b),
      Array.from({ length: rows }, (_, i) => i + 1),
    )
  })

  it('exits 2 when rows were refused, naming their lines on stderr and writing the others', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv('who,amount\na,1\nb,much\nc,0\n')
    const { code, stdout, stderr } = await startImport([file.path, ...columns, '--url', ledger.url]).ended
    assert.equal(code, 2)
    assert.equal(stdout, '3 rows: 1 written for 1 customers, 1 zero, 1 refused\n')
    assert.equal(stderr, 'line 3: amount must be a finite decimal number: "much"\n')
    assert.equal(ledger.written.length, 1)
  })

  it('exits 1 and says how to go on when the service cannot be used', async () => {
    await using ledger = await serveLedger({ allowance: () => 0 })
    await using file = await temporaryCsv(rowsOf(3))
    const { code, stdout, stderr } = await startImport([file.path, ...columns, '--url', ledger.url]).ended
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^The import broke off: .* \(INSUFFICIENT_CREDITS\)\. Run it again to go on\.\n$/)
  })

  it('exits 1 without a stack for a file or a column that is not there', async () => {
    await using file = await temporaryCsv('who,count\na,1\n')
    for (const path of [file.path, `${file.path}.not`]) {
      const { code, stderr } = await startImport([path, ...columns]).ended
      assert.equal(code, 1)
      assert.match(stderr, /no column "amount"|cannot be read/)
      assert.doesNotMatch(stderr, /\n\s+at /)
    }
  })

  it('with --dry-run checks the file and sends nothing', async () => {
    await using ledger = await serveLedger()
    await using file = await temporaryCsv(rowsOf(3))
    const { code, stdout } = await startImport([file.path, ...columns, '--url', ledger.url, '--dry-run'])
      .ended
    assert.equal(code, 0)
    assert.equal(stdout, '3 rows: 3 to write for 3 customers, 0 zero, 0 refused\n')
    assert.equal(ledger.batches(), 0)
  })
})
