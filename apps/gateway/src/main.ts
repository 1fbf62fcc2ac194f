import { systemClock } from '@pacspace/service/clock'
import { createPrivateServer, createRegistry } from '@pacspace/service/private-server'
import { runService, type Startup } from '@pacspace/service/service-main'
import { readConfiguration } from './configuration.ts'
import { readDashboard } from './dashboard-files.ts'
import { createGateway } from './gateway.ts'

await runService('gateway', start)

/** The gateway as a process. Configured by environment; it keeps nothing and needs no database. */
async function start({ log, onClose }: Startup): Promise<object> {
  const { host, port, privatePort, sandboxUrl, productionUrl, ...configuration } = readConfiguration(
    process.env,
  )
  const { trustedProxies, dashboardDir, ...urls } = configuration
  const gateway = await createGateway({
    ...urls,
    dashboard: dashboardDir === undefined ? undefined : await readDashboard(dashboardDir),
    planeUrls: { sandbox: sandboxUrl, production: productionUrl },
    ...(trustedProxies.length > 0 && { trustedProxies }),
    log,
    clock: systemClock,
  })
  // Ready whenever it runs: whether what stands behind it is ready, its public /readyz tells.
  const privateServer = await createPrivateServer({
    checks: [],
    registry: createRegistry(),
    log,
    clock: systemClock,
  })
  onClose(() => privateServer.close())
  onClose(() => gateway.close())
  onClose(async () => privateServer.leave())

  const { url: privateUrl } = await privateServer.listen({ host: '127.0.0.1', port: privatePort })
  const { url } = await gateway.listen({ host, port })
  return { url, privateUrl }
}
