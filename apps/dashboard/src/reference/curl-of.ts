import type { Operation } from './reference-of.ts'

/** Where the call goes and with what: `key` and `token` as they are to stand in the command. */
export interface CurlWith {
  readonly baseUrl: string
  readonly key: string
  readonly token: string
}

/** A call of an operation from a terminal (bash), with what it requires and nothing else. */
export function curlOf(operation: Operation, { baseUrl, key, token }: CurlWith): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => placeholder(name))
  const query = operation.parameters
    .filter(({ place, isRequired }) => place === 'query' && isRequired)
    .map(({ name }) => `${name}=${placeholder(name)}`)
    .join('&')
  const target = quoted(`${baseUrl}${path}${query === '' ? '' : `?${query}`}`)
  const options = [
    ...(operation.method === 'GET' ? [] : [`-X ${operation.method}`]),
    ...(operation.credential === 'apiKey' ? [`-H ${quoted(`X-Api-Key: ${key}`)}`] : []),
    ...(operation.credential === 'bearer' ? [`-H ${quoted(`Authorization: Bearer ${token}`)}`] : []),
    ...(operation.example === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(operation.example))}`]),
  ]
  return [`curl ${target}`, ...options].join(' \\\n  ')
}

function placeholder(name: string): string {
  return name === 'customerId' ? 'customer_001' : name.toUpperCase()
}

/** One word for bash, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
