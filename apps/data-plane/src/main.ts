import { parseArgs } from 'node:util'
import { runService } from '@pacspace/service/service-main'
import { startApi } from './api-process.ts'
import { startWorker } from './worker-process.ts'

/** The data plane as a process: `node main.ts --role api|worker`. Which environment it is, its configuration says. */
const { values } = parseArgs({ options: { role: { type: 'string', default: 'api' } } })
if (values.role !== 'api' && values.role !== 'worker') {
  process.stderr.write('--role must be api or worker\n')
  process.exit(78)
}
await runService(
  `data-plane ${process.env.PACSPACE_ENVIRONMENT ?? ''} ${values.role}`,
  values.role === 'api' ? startApi : (startup) => startWorker(startup),
)
