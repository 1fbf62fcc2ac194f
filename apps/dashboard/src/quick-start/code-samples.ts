/** What stands where a key goes, until there is one. */
export const KEY_PLACEHOLDER = 'YOUR_API_KEY'

export interface CodeSample {
  readonly key: 'curl' | 'typescript' | 'python'
  readonly title: string
  readonly code: string
  /** What has to be there first; undefined = nothing. */
  readonly install?: string
}

const CUSTOMER = 'customer_001'
const AMOUNT = -250
const REASON = 'seat charge'

/**
 * The first delta in three languages, ready to run: each run emits one. Pure. `origin`: of the gateway, without a path;
 * `apiKey`: a full key, or the placeholder.
 */
export function codeSamples(origin: string, apiKey: string): readonly CodeSample[] {
  const url = `${origin}/api/v1/balance/delta`
  const body = JSON.stringify({ customerId: CUSTOMER, delta: AMOUNT, reason: REASON })
  return [
    {
      key: 'curl',
      title: 'curl',
      code: `curl ${url} \\
  -H "X-Api-Key: ${apiKey}" \\
  -H "Content-Type: application/json" \\
  -d '${body}'`,
    },
    {
      key: 'typescript',
      title: 'TypeScript',
      install: 'npm install @pacspace-io/sdk',
      code: `import { PacSpace } from '@pacspace-io/sdk'

const pacspace = new PacSpace({
  apiKey: '${apiKey}',
  baseUrl: '${origin}',
})
const delta = await pacspace.balance.emitAndWait('${CUSTOMER}', ${AMOUNT}, '${REASON}')
console.log(delta.recordId, delta.status)`,
    },
    {
      key: 'python',
      title: 'Python',
      code: `import json, urllib.request

request = urllib.request.Request(
    "${url}",
    headers={"X-Api-Key": "${apiKey}", "Content-Type": "application/json"},
    data=json.dumps({"customerId": "${CUSTOMER}", "delta": ${AMOUNT}, "reason": "${REASON}"}).encode(),
)
print(urllib.request.urlopen(request).read().decode())`,
    },
  ]
}
