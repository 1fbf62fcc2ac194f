import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { it } from 'node:test'
import { freePorts, portsFrom, requireFree } from './ports.ts'
import { StartError } from './start-error.ts'

async function listener(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

it('a taken port is named with the setting that moves it', async () => {
  const ports = await freePorts()
  const server = await listener(ports.production)
  try {
    await assert.rejects(requireFree(ports, false), (error) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, new RegExp(`${ports.production}  production, PORT \\+ 2`))
      assert.ok(!error.message.includes('sandbox'))
      return true
    })
  } finally {
    server.close()
  }
  await once(server, 'close')
  await requireFree(ports, false)
})

it('ports that processes of a killed supervisor are leaving are waited for', async () => {
  const ports = await freePorts()
  const server = await listener(ports.gateway)
  const free = requireFree(ports, true)
  server.close()
  await free
})

it('a base with a taken port is passed over', async () => {
  const ports = await freePorts()
  const server = await listener(ports.sandboxWorkerPrivate)
  const pick = (base: number) => (base - 10_000) / 22_000
  const rolls = [pick(ports.gateway), pick(ports.gateway + 32)]
  try {
    assert.notEqual((await freePorts(() => rolls.shift() ?? Math.random())).gateway, ports.gateway)
  } finally {
    server.close()
  }
})

it('the ports of the default PORT are the published ones', () => {
  const { gateway, sandbox, production, control } = portsFrom(3600)
  assert.deepEqual([gateway, sandbox, production, control], [3600, 3601, 3602, 3603])
})
