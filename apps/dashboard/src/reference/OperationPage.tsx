import { Link, useParams } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { EmptyState } from '../ui/States.tsx'
import { curlOf } from './curl-of.ts'
import { MemberList } from './MemberList.tsx'
import { OperationList } from './OperationList.tsx'
import { operationOf } from './reference-data.ts'
import type { Operation } from './reference-of.ts'
import { useCredentials } from './use-credentials.ts'
import { WithCode } from './WithCode.tsx'

/** One route of the API: what it takes, how it is called, what it answers, and why it may refuse. */
export function OperationPage() {
  const environment = useEnvironment()
  const { operationId = '' } = useParams({ strict: false })
  const operation = operationOf(operationId)
  return (
    <div className="grid gap-6 min-[1000px]:grid-cols-[300px_minmax(0,1fr)]">
      <div className="max-[1000px]:hidden min-[1000px]:sticky min-[1000px]:top-16 min-[1000px]:max-h-[calc(100vh-72px)] min-[1000px]:self-start min-[1000px]:overflow-y-auto min-[1000px]:p-1">
        <OperationList />
      </div>
      <div className="min-w-0">
        <Link
          to={paths.apiReference(environment)}
          className="mb-2 inline-flex items-center gap-1 text-[13px] text-accent underline"
        >
          <ChevronLeft size={14} aria-hidden />
          API reference
        </Link>
        {operation === undefined ? (
          <EmptyState title="There is no such route">
            Its name may have been mistyped. Every route is in the list of the API reference.
          </EmptyState>
        ) : (
          <OperationBody operation={operation} />
        )}
      </div>
    </div>
  )
}

function OperationBody({ operation }: { readonly operation: Operation }) {
  const credentials = useCredentials()
  const { method, path, summary, description, parameters, body, answer, status, contentTypes } = operation
  return (
    <>
      <PageHeader title={`${method} ${path}`}>
        <WithCode text={`${summary} ${description}`} />
      </PageHeader>
      <div className="grid gap-4">
        <Card title="Example">
          <CodeBlock label="command" code={curlOf(operation, credentials)} />
        </Card>
        {parameters.length > 0 && (
          <Card title="Parameters">
            <MemberList members={parameters} />
          </Card>
        )}
        {body.length > 0 && (
          <Card title="Body">
            <MemberList members={body} />
          </Card>
        )}
        <Card title={`Answer: ${status}`}>
          {answer.length > 0 ? (
            <MemberList members={answer} isAnswer />
          ) : (
            <p className="text-ink-soft">
              {contentTypes.length === 0 ? 'No content.' : `No members: ${contentTypes.join(', ')}.`}
            </p>
          )}
        </Card>
        <Card title="Refusals">
          <ProblemList problems={operation.problems} />
        </Card>
      </div>
    </>
  )
}

function ProblemList({ problems }: { readonly problems: Operation['problems'] }) {
  return (
    <ul className="grid gap-1 min-[700px]:grid-cols-2">
      {problems.map(({ code, status }) => (
        <li key={code} className="flex gap-2">
          <code className="numeric text-ink-soft">{status}</code>
          <code className="numeric min-w-0 break-all">{code}</code>
        </li>
      ))}
    </ul>
  )
}
