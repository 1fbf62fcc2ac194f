import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { download } from '../api/download.ts'
import { exportLedger } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
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
      <Button icon={<Download size={16} aria-hidden />} isBusy={save.isPending} onClick={() => save.mutate()}>
        Export CSV
      </Button>
    </>
  )
}
