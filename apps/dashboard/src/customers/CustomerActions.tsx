import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Scale } from 'lucide-react'
import { download } from '../api/download.ts'
import { exportLedger } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'

/** What can be done with a customer. */
export function CustomerActions({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  const save = useMutation({
    mutationFn: () =>
      download(
        exportLedger,
        { params: { customerId }, query: {} },
        { name: `ledger-${customerId.replaceAll(':', '_')}.csv`, type: 'text/csv' },
        { environment },
      ),
  })
  return (
    <>
      <ProblemState error={save.error} />
      <Link
        to={paths.compare(environment)}
        search={{ customer: customerId }}
        className="inline-flex min-h-9 items-center gap-2 rounded-[8px] border border-line-strong bg-surface px-3 py-1.5 font-medium hover:border-ink"
      >
        <Scale size={16} aria-hidden />
        Compare
      </Link>
      <Button icon={<Download size={16} aria-hidden />} isBusy={save.isPending} onClick={() => save.mutate()}>
        Export CSV
      </Button>
    </>
  )
}
