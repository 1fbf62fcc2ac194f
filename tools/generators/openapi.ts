import { openApiDocument, type PublishedSurface } from '@pacspace/api/openapi'
import type { Generator } from '../generator.ts'

const surfaces: readonly PublishedSurface[] = ['balance', 'dashboard']

/** `docs/openapi/<surface>.json`, OpenAPI 3.1. */
export const generators: readonly Generator[] = surfaces.map((surface) => ({
  name: `OpenAPI of the ${surface} surface`,
  output: `docs/openapi/${surface}.json`,
  produce: () => `${JSON.stringify(openApiDocument(surface), null, 2)}\n`,
}))
