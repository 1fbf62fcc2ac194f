import { parseArgs } from 'node:util'
import { spelling } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import { systemClock } from '@pacspace/service/clock'
import { ConfigError } from '@pacspace/service/config'
import { createPool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { runAuditCheck } from './audit/admin-audit.ts'
import { beginVoid, endVoid, IntentRefused } from './audit/admin-intent.ts'
import { changePlan, PlanOrderRefused, parsePlanOrder } from './billing/admin-plan.ts'
import { pushEntitlement } from './billing/push-entitlement.ts'
import { readAuditConfiguration, readOperatorConfiguration } from './configuration.ts'
import { planesOf, SERVICE_ROLE } from './control-plane.ts'

const USAGE = `Commands for operators, beside a running control plane or without one:

  plan TENANT --tier TIER [--rate N] [--allotment N] [--unbilled]
      puts a tenant on a plan; TIER is free, pilot, starter, growth, scale or enterprise
      --rate        requests a second, instead of the plan's
      --allotment   verified deltas a month (free: for life), instead of the plan's
      --unbilled    with Stripe: a paid plan for a tenant without a subscription there, which nobody charges for

  void --environment ENVIRONMENT --record REC --reason TEXT [--dry-run] [--tenant TENANT] [--customer ID] [--delta AMOUNT]
      makes a delta void that verification found damaged and of which no copy is left, with every later delta of its
      customer; what is verified is repaired, never void. --dry-run shows what would be void
      --tenant              where several logs fail at the same place
      --customer, --delta   as the tenant was answered, where the row is gone

  audit
      derives the activity log again from its entries and holds it against every signed head;
      exit code 1 when something does not hold
`

/** The two that begin with `void-` are the launcher's: `void` itself is done with the plane's database. */
const COMMANDS = ['plan', 'audit', 'void-begin', 'void-end']

/** sysexits.h: the command was used wrongly. */
const EXIT_USAGE = 64

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args
  if (command === 'help' || command === '--help') {
    process.stdout.write(USAGE)
    return 0
  }
  if (command === undefined || !COMMANDS.includes(command)) {
    process.stderr.write(USAGE)
    return EXIT_USAGE
  }
  try {
    if (command === 'audit') return await checkActivity()
    if (command === 'plan') await plan(rest)
    else await noteVoid(command === 'void-begin', rest)
    return 0
  } catch (error) {
    if (!(isRefusal(error) || isUsageError(error))) throw error
    process.stderr.write(`${error.message}\n`)
    return isRefusal(error) ? 1 : EXIT_USAGE
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof PlanOrderRefused || error instanceof IntentRefused || error instanceof ConfigError
}

/** The two halves of an entry about a void, around what the launcher does in the plane's database. */
async function noteVoid(isBegin: boolean, args: string[]): Promise<void> {
  const option = { type: 'string' } as const
  const options = { tenant: option, environment: option, record: option, reason: option, deltas: option }
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  const { databaseUrl: url } = readOperatorConfiguration(process.env)
  const db = createPool({ url, role: SERVICE_ROLE, applicationName: 'pacspace admin', max: 1 })
  const context = { db, clock: systemClock, randomBytes }
  try {
    if (isBegin) process.stdout.write(`${await beginVoid(values, context)}\n`)
    else await endVoid(Number(positionals[0]), positionals[1] === 'done', context)
  } finally {
    await db.end()
  }
}

async function checkActivity(): Promise<number> {
  const { size, findings } = await runAuditCheck(readAuditConfiguration(process.env), SERVICE_ROLE)
  for (const finding of findings) process.stderr.write(`${finding}\n`)
  const verdict = findings.length === 0 ? 'sound' : 'NOT sound'
  process.stdout.write(`The activity log has ${size} signed entries and is ${verdict}.\n`)
  return findings.length === 0 ? 0 : 1
}

/** Writes the plan, then tells the planes itself: nobody has to wait for a control plane that may not be running. */
async function plan(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tier: { type: 'string' },
      rate: { type: 'string' },
      allotment: { type: 'string' },
      unbilled: { type: 'boolean' },
    },
  })
  const [tenant = '', extra] = positionals
  if (extra !== undefined) throw new PlanOrderRefused(`${extra} is one word too many`)
  const order = parsePlanOrder({ tenant, ...values })
  const configuration = readOperatorConfiguration(process.env)
  const db = createPool({
    url: configuration.databaseUrl,
    role: SERVICE_ROLE,
    applicationName: 'pacspace admin',
  })
  const context = { db, clock: systemClock, randomBytes, planes: planesOf(configuration) }
  try {
    const provider = configuration.stripeSecretKey === undefined ? 'builtin' : 'stripe'
    const targets = await changePlan(order, context, { provider, isUnbilled: values.unbilled ?? false })
    process.stdout.write(`${order.tenantId} is on the ${order.tier} plan now.\n`)
    for (const target of targets) {
      const isTold = await pushEntitlement(target, context).then(() => true, onlyIfAway)
      const { title } = spelling[target.environment]
      process.stdout.write(isTold ? `${title} knows.\n` : `${title} is away; it is told when it is back.\n`)
    }
  } finally {
    await db.end()
  }
}

function onlyIfAway(error: unknown): false {
  if (error instanceof Problem && error.code === 'SERVICE_UNAVAILABLE') return false
  throw error
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
