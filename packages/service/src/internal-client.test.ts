import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, describe, it } from 'node:test'
import type { ContractId, TenantId } from '@pacspace/api/id'
import { getPlaneTenant, listPlaneKeys, provisionTenant } from '@pacspace/api/internal/plane'
import { Problem, type ProblemCode } from '@pacspace/api/problem'
import { createInternalClient, type InternalClient } from './internal-client.ts'

const TENANT = 'tnt_0123456789abcdefghjkmnpqrs' as TenantId // has the form of one

const CONTRACT = 'ctr_0123456789abcdefghjkmnpqrs' as ContractId // has the form of one

/** What the plane answers next; a function may also destroy the connection. */
let reply: { status: number; body: string } | 'hang up' | 'silence'
let seen: {
  method?: string | undefined
  url?: string | undefined
  authorization?: string | undefined
  body: string
}
let server: Server
let client: InternalClient

before(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen = { method: request.method, url: request.url, authorization: request.headers.authorization, body }
    if (reply === 'hang up') request.socket.destroy()
    else if (reply !== 'silence')
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  client = createInternalClient({
    baseUrl: `http://127.0.0.1:${address.port}`,
    secret: 's3cret',
    timeoutMs: 300,
  })
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const tenant = { tenantId: TENANT, status: 'active', reason: null, origin: null }
const get = () => client.call(getPlaneTenant, { params: { tenantId: TENANT } })

async function codeOf(work: Promise<unknown>): Promise<{ code: ProblemCode; problem: Problem }> {
  const problem = await work.then(
    () => assert.fail('succeeded'),
    (error) => error,
  )
  assert.ok(problem instanceof Problem, String(problem))
  return { code: problem.code, problem }
}

describe('a call', () => {
  it('sends method, path, query, body and secret; gives the data', async () => {
    reply = { status: 200, body: JSON.stringify({ success: true, statusCode: 200, data: tenant }) }
    const entitlement = {
      tier: 'free',
      lifetimeCap: 100,
      monthlyAllotment: 100,
      writesAllowed: true,
      ratePerSecond: 10,
      burst: 20,
    } as const
    const body = { contractId: CONTRACT, entitlement }
    assert.deepEqual(await client.call(provisionTenant, { params: { tenantId: TENANT }, body }), tenant)
    assert.deepEqual(seen, {
      method: 'PUT',
      url: `/internal/tenants/${TENANT}`,
      authorization: 'Bearer s3cret',
      body: JSON.stringify(body),
    })
    reply = { status: 200, body: '{"success":true,"statusCode":200,"data":{"items":[],"total":0}}' }
    await client.call(listPlaneKeys, { params: { tenantId: TENANT }, query: { limit: 5, offset: 10 } })
    assert.equal(seen.url, `/internal/tenants/${TENANT}/keys?limit=5&offset=10`)
  })

  it("the plane's problem comes through, with its text", async () => {
    reply = {
      status: 404,
      body: '{"success":false,"statusCode":404,"code":"NOT_FOUND","message":"Not here"}',
    }
    const { code, problem } = await codeOf(get())
    assert.deepEqual([code, problem.message], ['NOT_FOUND', 'Not here'])
  })

  it('a plane that does not answer in time, or hangs up, is SERVICE_UNAVAILABLE', async () => {
    for (const next of ['silence', 'hang up'] as const) {
      reply = next
      assert.equal((await codeOf(get())).code, 'SERVICE_UNAVAILABLE', next)
    }
    const nobody = createInternalClient({ baseUrl: 'http://127.0.0.1:1', secret: 's' })
    assert.equal(
      (await codeOf(nobody.call(getPlaneTenant, { params: { tenantId: TENANT } }))).code,
      'SERVICE_UNAVAILABLE',
    )
  })

  it("anything else is our fault, never the user's: a refused secret, another shape, no JSON, an unknown code", async () => {
    for (const next of [
      { status: 401, body: '{"code":"INVALID_TOKEN","message":"no"}' },
      { status: 200, body: '{"success":true,"statusCode":200,"data":{"tenantId":7}}' },
      { status: 200, body: '<html>' },
      { status: 200, body: '7' },
      { status: 500, body: '{"code":"NO_SUCH_CODE"}' },
    ]) {
      reply = next
      const { code, problem } = await codeOf(get())
      assert.equal(code, 'INTERNAL_ERROR', next.body)
      assert.ok(problem.options.internal)
    }
  })
})
