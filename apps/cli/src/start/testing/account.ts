import assert from 'node:assert/strict'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { RunningStack } from '../stack.ts'

const deadlineMs = 20_000

/** A tenant with an active Sandbox, made through the public routes as anybody would. */
export interface TestAccount {
  readonly email: string
  readonly tenantId: string
  readonly token: string
  readonly sandboxKey: string
}

/** Registers, verifies by the mailed link, logs in, waits for the Sandbox and makes a key. */
export async function openAccount(stack: RunningStack, email: string): Promise<TestAccount> {
  const { baseUrl } = stack
  const password = 'a long enough phrase 7'
  const registered = await call(`${baseUrl}/dashboard/auth/register`, {
    body: { email, password, firstName: 'Ada', lastName: 'Lovelace', companyName: 'Engines' },
  })
  const mailed = await verificationToken(stack, email)
  await call(`${baseUrl}/dashboard/auth/verify?token=${mailed}`, {})
  const { token } = await call(`${baseUrl}/dashboard/auth/login`, { body: { email, password } })
  const authorization = `Bearer ${token}`
  const isActive = async () => {
    const { data } = await call(`${baseUrl}/dashboard/contracts`, { authorization })
    return data.some((contract: { status: string }) => contract.status === 'active')
  }
  assert.ok(await waitUntil(isActive, deadlineMs), 'the Sandbox becomes active')
  const { data: key } = await call(`${baseUrl}/dashboard/api-keys`, { authorization, body: { name: 'test' } })
  return { email, token, tenantId: registered.data.tenantId, sandboxKey: key.fullKey }
}

async function verificationToken(stack: RunningStack, email: string): Promise<string> {
  let token: string | undefined
  await waitUntil(async () => {
    const links = (await stack.mailbox(email)).flatMap((mail) => mail.links)
    token = links.flatMap((link) => new URL(link).searchParams.get('token') ?? []).at(-1)
    return token !== undefined
  }, deadlineMs)
  return token ?? assert.fail('a verification mail arrives')
}

/** A call that must succeed: POST with a body, GET without; gives the parsed answer. */
export async function call(
  url: string,
  { authorization, key, body }: { authorization?: string; key?: string; body?: unknown },
) {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(authorization !== undefined && { authorization }),
      ...(key !== undefined && { 'x-api-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  assert.ok(answer.ok, `${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}
