import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { ApiProblem } from '../api/api-problem.ts'
import { download } from '../api/download.ts'
import { exportLedgerDeltas } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { type DeltaSearch, isNarrowed } from './delta-filter.ts'

/** Saves what the list would show, to its end, as a CSV file. */
export function ExportButton({ search }: { readonly search: DeltaSearch }) {
  const environment = useEnvironment()
  const say = useToast()
  const { customerId, status, search: text } = search
  const save = useMutation({
    mutationFn: () => {
      const query = {
        ...(customerId !== undefined && { customerId }),
        ...(status !== undefined && { status }),
        ...(text !== undefined && { search: text }),
      }
      const file = { name: `deltas-${environment}.csv`, type: 'text/csv' }
      return download(exportLedgerDeltas, { query }, file, { environment })
    },
    onSuccess: () => say('The file was saved. Amounts in it are exact; texts cannot act as formulas.'),
    onError: (error) =>
      say(
        error instanceof ApiProblem
          ? error.message
          : 'The file broke off on the way and was not saved. Try again.',
        error instanceof ApiProblem ? error.requestId : undefined,
      ),
  })
  return (
    <Button icon={<Download size={15} aria-hidden />} isBusy={save.isPending} onClick={() => save.mutate()}>
      {isNarrowed(search) ? 'Export these as CSV' : 'Export as CSV'}
    </Button>
  )
}
