/** How a receiver checks that an event is ours, with the endpoint's secret filled in. The long form: docs/webhooks.md. */
export function verificationSamples(secret: string): readonly { title: string; code: string }[] {
  return [
    { title: 'TypeScript', code: typescript(secret) },
    { title: 'Node', code: node(secret) },
    { title: 'Python', code: python(secret) },
  ]
}

const typescript = (secret: string) => `// PACSPACE_WEBHOOK_SECRET=${secret}
import { Webhooks } from '@pacspace-io/sdk'

const webhooks = new Webhooks(process.env.PACSPACE_WEBHOOK_SECRET)

// rawBody: the bytes as they arrived, before any JSON parser
const event = await webhooks.verify(rawBody, request.headers)`

const node = (secret: string) => `// PACSPACE_WEBHOOK_SECRET=${secret}
import { createHmac, timingSafeEqual } from 'node:crypto'

function isGenuine(rawBody, headers) {
  const timestamp = headers['x-pacspace-timestamp'] ?? ''
  if (!/^\\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
  const expected = createHmac('sha256', process.env.PACSPACE_WEBHOOK_SECRET)
    .update(\`\${timestamp}.\`).update(rawBody).digest()
  return (headers['x-pacspace-signature'] ?? '').split(',').some((signature) => {
    const given = Buffer.from(signature.trim().replace(/^v1=/, ''), 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}`

const python = (secret: string) => `# PACSPACE_WEBHOOK_SECRET=${secret}
import hashlib, hmac, os, time

def is_genuine(raw_body, headers):
    timestamp = headers.get("X-PacSpace-Timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    key = os.environ["PACSPACE_WEBHOOK_SECRET"].encode()
    expected = hmac.new(key, timestamp.encode() + b"." + raw_body, hashlib.sha256).hexdigest()
    signatures = headers.get("X-PacSpace-Signature", "").split(",")
    return any(hmac.compare_digest(s.strip().removeprefix("v1="), expected) for s in signatures)`
