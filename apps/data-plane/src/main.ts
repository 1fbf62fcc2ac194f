import { parseArgs } from 'node:util'
import { runService } from '@pacspace/service/service-main'

/** The data plane as a process: `node main.ts --role api|worker`. Which environment it is, its configuration says. */
const { values } = parseArgs({ options: { role: { type: 'string', default: 'api' } } })
if (values.role !== 'api' && values.role !== 'worker') {
  process.stderr.write('--role must be api or worker\n')
  process.exit(78)
}
// One role's modules only: reading them is most of a start.
const start =
  values.role === 'api'
    ? (await import('./api-process.ts')).startApi
    : (await import('./worker-process.ts')).startWorker
await runService(`data-plane ${process.env.PACSPACE_ENVIRONMENT ?? ''} ${values.role}`, (startup) =>
  start(startup),
)
