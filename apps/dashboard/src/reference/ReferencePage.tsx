import { Card, PageHeader } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { OperationList } from './OperationList.tsx'
import { useCredentials } from './use-credentials.ts'

/** How the API is spoken, and every route of it. */
export function ReferencePage() {
  const { baseUrl, key } = useCredentials()
  return (
    <>
      <PageHeader title="API reference">
        Every route, from the definitions that the server itself checks requests and answers by.
      </PageHeader>
      <div className="grid gap-6 min-[1000px]:grid-cols-[300px_minmax(0,1fr)]">
        <OperationList />
        <div className="grid content-start gap-4">
          <Card title="Two surfaces">
            <dl className="grid gap-x-4 gap-y-2 min-[700px]:grid-cols-[140px_1fr]">
              <dt className="font-medium">Balance API</dt>
              <dd>
                <code className="numeric">/api/v1/*</code> for your servers, with an API key in{' '}
                <code className="numeric">X-Api-Key</code>. The key decides the environment.
              </dd>
              <dt className="font-medium">Dashboard API</dt>
              <dd>
                <code className="numeric">/dashboard/*</code> for people, with the token of a log-in. What
                there is one of in each environment takes{' '}
                <code className="numeric">X-Environment: sandbox</code> or{' '}
                <code className="numeric">production</code>.
              </dd>
            </dl>
          </Card>
          <Card title="A first call">
            <CodeBlock
              label="command"
              code={`curl '${baseUrl}/api/v1/balance/customers' \\\n  -H 'X-Api-Key: ${key}'`}
            />
          </Card>
          <Card title="On every route">
            <ul className="grid max-w-[72ch] list-disc gap-1 pl-5">
              <li>
                A success has its content in <code className="numeric">data</code>, a refusal a{' '}
                <code className="numeric">code</code> to decide by. Each carries{' '}
                <code className="numeric">X-Request-Id</code>: tell it to support.
              </li>
              <li>
                Amounts are exact. <code className="numeric">X-Amount-Format: string</code> gives them as
                decimal text, for languages that read numbers as doubles.
              </li>
              <li>
                An <code className="numeric">Idempotency-Key</code> on a write makes it safe to send again:
                the same answer, written once.
              </li>
              <li>
                429 and 503 say in <code className="numeric">Retry-After</code> how many seconds to wait.
              </li>
            </ul>
          </Card>
        </div>
      </div>
    </>
  )
}
