import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { amountText } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { activityLogQuery } from './activity-queries.ts'

/** The log that the entries stand in: its key and its newest signed head, to keep and to hold later ones against. */
export function LogCard() {
  const log = useQuery(activityLogQuery)
  return (
    <Card title="The signed log">
      <p className="mb-3 max-w-[72ch] text-ink-soft">
        Keep the key and a head now and then: a later log must continue it, so nobody, us included, can change
        what stood before without its being found out.
      </p>
      {log.isPending && <Skeleton lines={4} label="Loading the log" />}
      {log.error instanceof ApiProblem && (
        <ErrorState
          message={log.error.message}
          requestId={log.error.requestId}
          onRetry={() => void log.refetch()}
        />
      )}
      {log.data !== undefined && (
        <div className="grid gap-3">
          <dl className="grid gap-x-4 gap-y-1 min-[700px]:grid-cols-[140px_1fr]">
            <dt className="text-ink-soft">Entries</dt>
            <dd className="numeric">{amountText(String(log.data.size))}</dd>
            <dt className="text-ink-soft">Key</dt>
            <dd className="flex items-start gap-1">
              <code className="numeric min-w-0 text-[13px] break-all">{log.data.verifierKey}</code>
              <CopyButton text={log.data.verifierKey} label="verifier key" />
            </dd>
          </dl>
          <CodeBlock code={log.data.checkpoint} label="signed head" />
        </div>
      )}
    </Card>
  )
}
