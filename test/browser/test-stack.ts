import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createScratchFolder } from '@pacspace/service/embedded-postgres/scratch-folder'
import { silentLog } from '@pacspace/service/log'
import { templateDatabase } from '@pacspace/testing/test-postgres'
import { type RunningStack, startStack } from '../../apps/cli/src/start/stack.ts'
import { prepareDatabase as prepareControlDatabase } from '../../apps/control-plane/src/control-plane.ts'
import { prepareDatabase as preparePlaneDatabase } from '../../apps/data-plane/src/data-plane.ts'

/** Starts would else compile the same sources again, each: a third of their time. */
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/compile')

const templates = {
  CONTROL: templateDatabase({
    name: 'stack_control',
    migrate: (url) => prepareControlDatabase(url, silentLog),
  }),
  SANDBOX: templateDatabase({ name: 'stack_plane', migrate: (url) => preparePlaneDatabase(url, silentLog) }),
  PRODUCTION: templateDatabase({
    name: 'stack_plane',
    migrate: (url) => preparePlaneDatabase(url, silentLog),
  }),
}

/** The whole product, running; its folder and databases disappear with it. */
export interface TestStack extends RunningStack, AsyncDisposable {
  readonly dataDir: string
}

/**
 * `pacspace start` in a process of its own, on free ports and a data directory of its own, as anybody starts it; only
 * its databases lie in the cluster that all test files share, since three new ones take longer than the rest.
 *
 * @param environment settings of `pacspace start`
 */
export async function startTestStack(environment: Readonly<Record<string, string>> = {}): Promise<TestStack> {
  const dataDir = await createScratchFolder('pacspace-browser-')
  await mkdir(COMPILE_CACHE, { recursive: true })
  await symlink(COMPILE_CACHE, join(dataDir, 'cache'))
  const databases = await Promise.all(
    Object.entries(templates).map(async ([plane, template]) => {
      const database = await template.createTestDatabase()
      return { plane, database }
    }),
  )
  const remove = async () => {
    await Promise.all(databases.map(({ database }) => database.drop()))
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  const urls = databases.map(({ plane, database }) => [`PACSPACE_${plane}_DATABASE_URL`, database.url])
  try {
    const stack = await startStack({
      dataDir,
      environment: {
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        PACSPACE_UNSAFE_DATABASE: 'true', // the cluster for tests syncs nothing to disk
        ...Object.fromEntries(urls),
        ...environment,
      },
    })
    const dispose = async () => {
      await stack.stop()
      await remove()
    }
    return { ...stack, dataDir, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await remove()
    throw error
  }
}
