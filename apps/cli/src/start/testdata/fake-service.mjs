// A stand-in for a service: says what it was given, and ends the way its first argument tells.
import { writeFileSync } from 'node:fs'

const [behaviour, noteFile] = process.argv.slice(2)
if (noteFile) {
  writeFileSync(noteFile, JSON.stringify({ pid: process.pid, env: process.env, priority: (await import('node:os')).getPriority() }))
}
process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'quiet line' })}\n`)
process.stdout.write(`${JSON.stringify({ level: 'warn', msg: 'loud line' })}\n`)

const alive = setInterval(() => {}, 1_000)
switch (behaviour) {
  case 'run':
    process.on('SIGTERM', () => clearInterval(alive))
    break
  case 'crash':
    process.stderr.write('Error: it broke\n')
    process.exit(3)
    break
  case 'misconfigured':
    process.stdout.write(`${JSON.stringify({ level: 'fatal', msg: 'wrong configuration', refusals: ['X is not set'] })}\n`)
    process.exit(78)
    break
  case 'deaf':
    process.on('SIGTERM', () => {})
    break
  default:
    throw new Error(`no such behaviour: ${behaviour}`)
}
