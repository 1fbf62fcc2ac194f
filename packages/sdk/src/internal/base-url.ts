import { PacSpaceError } from '../core/error.ts'

/** The published hosts (product.md §1). */
const PRODUCTION_URL = 'https://api.pacspace.io'
const SANDBOX_URL = 'https://api-sandbox-wnizuypena-uw.a.run.app'

export interface BaseUrlOptions {
  readonly apiKey: string
  readonly baseUrl?: string | undefined
  readonly sandboxUrl?: string | undefined
  readonly productionUrl?: string | undefined
}

/**
 * Where requests of a key go: `baseUrl`; else by the key's prefix the URL of that environment, from the options, from
 * `PACSPACE_SANDBOX_URL` / `PACSPACE_PRODUCTION_URL`, or as published. Without a trailing slash.
 * Raises `INVALID_OPTION`.
 */
export function baseUrlOf(options: BaseUrlOptions, variables = environmentVariables()): string {
  return checked(options.baseUrl ?? environmentUrl(options, variables))
}

function environmentUrl({ apiKey, sandboxUrl, productionUrl }: BaseUrlOptions, variables: Variables): string {
  if (apiKey.startsWith('pk_test_')) return sandboxUrl ?? variables.PACSPACE_SANDBOX_URL ?? SANDBOX_URL
  if (apiKey.startsWith('pk_live_'))
    return productionUrl ?? variables.PACSPACE_PRODUCTION_URL ?? PRODUCTION_URL
  throw new PacSpaceError('INVALID_OPTION', 'An API key begins with pk_test_ or pk_live_')
}

function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new PacSpaceError('INVALID_OPTION', `Not a base URL: ${JSON.stringify(text)}`)
  }
  return url.href.replace(/\/+$/, '')
}

type Variables = Readonly<Record<string, string | undefined>>

/** The environment variables of hosts that have some (Node, Deno, Bun); browsers and Workers have none. */
function environmentVariables(): Variables {
  const variables = member(member(globalThis, 'process'), 'env')
  const url = (name: string) => {
    const value = member(variables, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    PACSPACE_SANDBOX_URL: url('PACSPACE_SANDBOX_URL'),
    PACSPACE_PRODUCTION_URL: url('PACSPACE_PRODUCTION_URL'),
  }
}

function member(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}
