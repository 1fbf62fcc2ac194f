import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Plus, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { pageOf, useSearchParams } from '../api/search-params.ts'
import { hasRole, useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Pager } from '../ui/Pager.tsx'
import { rowsText } from '../ui/rows-text.ts'
import { EmptyState, Skeleton } from '../ui/States.tsx'
import { saveFile } from '../ui/save-file.ts'
import { useToast } from '../ui/Toasts.tsx'
import { CustomerTable } from './CustomerTable.tsx'
import { CUSTOMERS_A_PAGE, customersQuery } from './customer-queries.ts'
import { customersCsv } from './customers-csv.ts'
import { NewCustomerDialog } from './NewCustomerDialog.tsx'

/** Typing is over when so long nothing was typed. */
const TYPING_MS = 250

/** The tenant's customers with their verified balances: found by name, as a table, as a file. */
export function CustomersPage() {
  const environment = useEnvironment()
  const [{ search = '', page: pageText }, change] = useSearchParams()
  const page = pageOf(pageText)
  const customers = useQuery(customersQuery(environment, page, search))
  const me = useMe()
  const [isCreating, setCreating] = useState(false)
  const say = useToast()
  const save = useMutation({
    mutationFn: () => customersCsv(environment, search),
    onSuccess: ({ csv, count, isWhole }) => {
      saveFile(`customers-${environment}.csv`, csv, 'text/csv')
      say(
        isWhole
          ? `The file holds ${count} customers.`
          : `The file holds the first ${count} customers. Search to narrow it down.`,
      )
    },
  })
  const total = customers.data?.pagination.total
  return (
    <>
      <PageHeader
        title="Customers"
        actions={
          <>
            <Button
              icon={<Download size={16} aria-hidden />}
              isBusy={save.isPending}
              disabledReason={total === 0 ? 'There is nothing to export yet.' : undefined}
              onClick={() => save.mutate()}
            >
              Export CSV
            </Button>
            <Button
              look="primary"
              icon={<Plus size={16} aria-hidden />}
              disabledReason={hasRole(me, 'developer') ? undefined : 'Your role may only look. Ask an admin.'}
              onClick={() => setCreating(true)}
            >
              New customer
            </Button>
          </>
        }
      >
        Whom you settle with, and what each balance is by the verified ledger.
      </PageHeader>
      {isCreating && <NewCustomerDialog onClose={() => setCreating(false)} />}
      <ProblemState error={save.error} />
      {(total !== 0 || search !== '') && (
        <SearchBox
          search={search}
          onSearch={(text) => change({ search: text, page: '' }, { replace: true })}
        />
      )}
      {customers.isPending && <Skeleton lines={6} label="Loading customers" />}
      {customers.data === undefined && (
        <ProblemState error={customers.error} onRetry={() => customers.refetch()} />
      )}
      {total === 0 && search === '' && <NoCustomers />}
      {total === 0 && search !== '' && (
        <EmptyState
          title={`No customer has “${search}” in its name or id`}
          action={<Button onClick={() => change({ search: '' })}>Show all customers</Button>}
        >
          Upper and lower case do not matter.
        </EmptyState>
      )}
      {customers.data !== undefined && total !== undefined && total > 0 && (
        <Card>
          <CustomerTable customers={customers.data.customers} isStale={customers.isPlaceholderData} />
          <Pager
            page={page}
            hasMore={page * CUSTOMERS_A_PAGE < total}
            text={rowsText(page, CUSTOMERS_A_PAGE, total)}
            words={{ back: 'Previous', on: 'Next' }}
            onPage={(next) => change({ page: String(next) })}
          />
        </Card>
      )}
    </>
  )
}

function SearchBox({
  search,
  onSearch,
}: {
  readonly search: string
  readonly onSearch: (text: string) => void
}) {
  const [text, setText] = useState(search)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the wait
  useEffect(() => {
    if (text === search) return
    const timer = setTimeout(() => onSearch(text), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  useEffect(() => setText(search), [search])
  return (
    <div className="relative mb-4 max-w-[360px]">
      <Search size={16} aria-hidden className="absolute top-2.5 left-3 text-ink-soft" />
      <input
        type="search"
        aria-label="Search customers"
        placeholder="Search by name or id"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="min-h-9 w-full rounded-[8px] border border-line-strong bg-surface py-1.5 pr-3 pl-9"
      />
    </div>
  )
}

function NoCustomers() {
  const environment = useEnvironment()
  const code = `curl ${window.location.origin}/api/v1/balance/delta \\
  -H "X-Api-Key: YOUR_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"customerId":"customer_001","delta":-250,"reason":"seat charge"}'`
  return (
    <EmptyState
      title="No customers yet"
      action={
        <Link to={paths.quickStart(environment)} className="text-accent underline">
          Open the quick start
        </Link>
      }
    >
      <p>A customer is here from its first delta on. Choose an id that your own books know it by.</p>
      <div className="mt-4 text-left">
        <CodeBlock code={code} label="command" />
      </div>
    </EmptyState>
  )
}
