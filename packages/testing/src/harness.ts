import { createHttpService, type HttpOptions } from '@pacspace/service/http'
import { silentLog } from '@pacspace/service/log'
import { FakeClock } from './fake-clock.ts'
import { type TestClient, testClient } from './test-client.ts'

/** A service inside the test's own process, on a free port, with a client that checks every answer. */
export interface TestService extends AsyncDisposable {
  readonly url: string
  readonly client: TestClient
  /** Drains and closes. Safe to call again. */
  close(): Promise<void>
}

/** What a test must say; log (silent) and clock (fake) have defaults. */
export type TestServiceOptions<Context> = Omit<HttpOptions<Context>, 'log' | 'clock'> &
  Partial<Pick<HttpOptions<Context>, 'log' | 'clock'>>

/** Serves endpoints in-process: the real HTTP layer, real sockets, real validation. */
export async function serveInProcess<Context>(options: TestServiceOptions<Context>): Promise<TestService> {
  const service = await createHttpService({ log: silentLog, clock: new FakeClock(), ...options })
  const { url } = await service.listen({ host: '127.0.0.1', port: 0 })
  const close = () => service.close()
  return { url, client: testClient(url), close, [Symbol.asyncDispose]: close }
}
