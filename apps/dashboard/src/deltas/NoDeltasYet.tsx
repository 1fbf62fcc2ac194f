import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { EmptyState } from '../ui/States.tsx'

/** What a delta is, and the command that makes the first. */
export function NoDeltasYet() {
  const environment = useEnvironment()
  const prefix = environment === 'sandbox' ? 'pk_test_' : 'pk_live_'
  const code = `curl ${window.location.origin}/api/v1/balance/delta \\
  -H "X-Api-Key: ${prefix}…" \\
  -H "Content-Type: application/json" \\
  -d '{"customerId":"customer_001","delta":-250,"reason":"seat charge","referenceId":"bill_31"}'`
  return (
    <EmptyState title="No deltas yet">
      <p>
        A delta is one signed change of one customer’s balance. Send the first with{' '}
        <Link to={paths.keys(environment)} className="text-accent underline">
          an API key
        </Link>
        ; it appears here by itself.
      </p>
      <div className="mt-4">
        <CodeBlock code={code} label="command" />
      </div>
    </EmptyState>
  )
}
