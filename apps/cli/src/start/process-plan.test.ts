import assert from 'node:assert/strict'
import { it } from 'node:test'
import { portsFrom } from './ports.ts'
import { checker, type PlanInput, planProcesses } from './process-plan.ts'
import { readSettings } from './settings.ts'

const input: PlanInput = {
  settings: readSettings({ PACSPACE_DATA_DIR: '/data' }),
  ports: portsFrom(3600),
  secrets: {
    jwtSecret: 'jwt-secret',
    auditKey: 'audit-key',
    planes: {
      sandbox: {
        internalSecret: 'sandbox-internal',
        masterKey: 'sandbox-master',
        webhookKey: 'sandbox-webhook',
      },
      production: {
        internalSecret: 'production-internal',
        masterKey: 'production-master',
        webhookKey: 'production-webhook',
      },
    },
  },
  databaseUrls: {
    control: 'postgres://control',
    sandbox: 'postgres://sandbox',
    production: 'postgres://production',
  },
}
const plans = planProcesses(input)

/** What a process must know, of all that is secret. */
const knows: Record<string, string[]> = {
  'control-plane': [
    'jwt-secret',
    'audit-key',
    'postgres://control',
    'sandbox-internal',
    'production-internal',
  ],
  'sandbox-api': ['postgres://sandbox', 'sandbox-internal'],
  'sandbox-worker': ['postgres://sandbox', 'sandbox-master'],
  'production-api': ['postgres://production', 'production-internal'],
  'production-worker': ['postgres://production', 'production-master'],
  gateway: [],
}
const everySecret = [...new Set(Object.values(knows).flat())]

for (const { name, environment } of plans) {
  it(`K7 ${name} gets its own secrets and databases, and no other's`, () => {
    const values = Object.values(environment)
    assert.deepEqual(
      everySecret.filter((secret) => values.includes(secret)).sort(),
      [...(knows[name] ?? [])].sort(),
    )
  })
}

it('fsck of a plane knows its database and none of its secrets', () => {
  const values = Object.values(checker(input, 'sandbox', []).environment)
  assert.deepEqual(
    everySecret.filter((secret) => values.includes(secret)),
    ['postgres://sandbox'],
  )
})

it('every process listens on a port of its own', () => {
  const ports = plans.flatMap(({ environment }) =>
    Object.entries(environment).flatMap(([name, value]) =>
      /^PACSPACE_(PRIVATE_)?PORT$/.test(name) ? [value] : [],
    ),
  )
  assert.equal(new Set(ports).size, ports.length)
  assert.deepEqual([...ports].sort(), [
    '3600',
    '3601',
    '3602',
    '3603',
    '3610',
    '3611',
    '3612',
    '3613',
    '3621',
    '3622',
  ])
})

it('verification and log-ins wait for the ledger’s answers, never the reverse', () => {
  const niceness = (name: string) => (name.endsWith('-worker') ? 19 : name === 'control-plane' ? 10 : 0)
  for (const { name, priority } of plans) assert.equal(priority, niceness(name), name)
})

it('the mailbox is there until a mail server is set', () => {
  const withServer = planProcesses({ ...input, settings: { ...input.settings, smtpUrl: 'smtp://mail' } })
  const named = (list: typeof plans, name: string) => list.find((plan) => plan.name === name)?.environment
  assert.equal(named(plans, 'gateway')?.PACSPACE_MAILBOX_DIR, '/data/mailbox')
  assert.equal(named(withServer, 'gateway')?.PACSPACE_MAILBOX_DIR, undefined)
  assert.equal(named(withServer, 'control-plane')?.PACSPACE_SMTP_URL, 'smtp://mail')
})
