import { createServer } from 'node:http'
import { defineConfig, port } from '../config.ts'
import { runService } from '../service-main.ts'

/** A process as small as can be, for the tests of `service-main.ts`: listens, and does what `SAMPLE` says. */
const config = defineConfig({ port: port('SAMPLE_PORT'), other: port('SAMPLE_OTHER_PORT') })

await runService('sample', async ({ log, onClose }) => {
  const { port: listenPort } = config.parse(process.env)
  const does = process.env.SAMPLE
  onClose(async () => log.info('closed first opened'))
  if (does === 'fails to start') throw new Error('no luck')
  const server = createServer((request, response) => {
    if (request.url === '/forget') void Promise.reject(new Error('forgotten'))
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(listenPort, '127.0.0.1', resolve))
  onClose(async () => {
    log.info('closed last opened')
    server.close()
  })
  if (does === 'fails to close') onClose(() => Promise.reject(new Error('stuck')))
  return { port: listenPort }
})
