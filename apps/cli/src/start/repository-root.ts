import { fileURLToPath } from 'node:url'

/** Folder of this repository, with a slash at its end: programs and the default data directory are found from here. */
export const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url))
