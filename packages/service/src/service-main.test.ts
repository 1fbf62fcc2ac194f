import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ServiceProcess, startServiceProcess } from '@pacspace/testing/service-process'
import { freePort } from './embedded-postgres/free-port.ts'
import { waitUntil } from './embedded-postgres/wait-until.ts'

let port: number

async function start(does: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
  port = await freePort()
  return await startServiceProcess({
    main: 'packages/service/src/testing/sample-service.ts',
    env: { SAMPLE: does, SAMPLE_PORT: String(port), SAMPLE_OTHER_PORT: '1', ...env },
    readyUrl: `http://127.0.0.1:${port}/`,
  })
}

const messages = ({ log }: ServiceProcess) => log.map((line) => JSON.parse(line).msg)

describe('R4 a service process', () => {
  it('says ready, and on SIGTERM closes in reverse order and exits with 0', async () => {
    const service = await start('runs')
    assert.ok(await waitUntil(() => messages(service).includes('ready'), 10_000))
    assert.equal(await service.stop(), 0)
    assert.deepEqual(messages(service), [
      'ready',
      'shutting down',
      'closed last opened',
      'closed first opened',
      'shut down',
    ])
  })

  it('exits with 1 when closing fails', async () => {
    const service = await start('fails to close')
    assert.equal(await service.stop(), 1)
  })

  it('dies of a promise that nobody handles, since its state may be broken', async () => {
    const service = await start('runs')
    await fetch(`http://127.0.0.1:${port}/forget`).catch(() => {})
    assert.equal(await service.exited(), 1)
    assert.match(service.log.join('\n'), /"level":"fatal".*forgotten/)
  })

  it('that cannot start closes what it opened and says why', async () => {
    await assert.rejects(start('fails to start'), /start failed/)
  })

  it('lists everything that is wrong with its configuration', async () => {
    const wrong = start('runs', { SAMPLE_PORT: 'x', SAMPLE_OTHER_PORT: '' })
    await assert.rejects(wrong, (error: Error) => {
      assert.match(error.message, /"SAMPLE_PORT must be a whole number/)
      assert.match(error.message, /"SAMPLE_OTHER_PORT is not set"/)
      return true
    })
  })
})
