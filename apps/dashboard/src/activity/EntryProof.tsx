import { useMutation } from '@tanstack/react-query'
import { CircleCheck, CircleX, Download, ShieldCheck } from 'lucide-react'
import { ApiProblem } from '../api/api-problem.ts'
import { call, callText } from '../api/client.ts'
import { getActivityLog, getActivityProof } from '../api/endpoints.gen.ts'
import { useMe } from '../api/session.ts'
import { amountText } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { ErrorState } from '../ui/States.tsx'
import { saveFile } from '../ui/save-file.ts'
import type { ActivityEntry } from './activity-queries.ts'
import { checkEntry, checkFailure, type EntryCheck } from './check-entry.ts'

/** The proof that an entry stands in the signed log: to check here, and to take along. */
export function EntryProof({ entry }: { readonly entry: ActivityEntry }) {
  const me = useMe()
  const fetchProof = () => callText(getActivityProof, { params: { entryId: entry.id } })
  const check = useMutation({
    mutationFn: async () => {
      const [file, log] = await Promise.all([fetchProof(), call(getActivityLog, { query: {} })])
      return await checkEntry(entry, me.tenant.id, { file, verifierKey: log.verifierKey })
    },
  })
  const download = useMutation({
    mutationFn: fetchProof,
    onSuccess: (file) => saveFile(`${entry.id}.tlog-proof`, file),
  })
  const problem = [check.error, download.error].find((error) => error instanceof ApiProblem)
  return (
    <section aria-label="Proof" className="grid gap-3 border-t border-line pt-4">
      <h3 className="font-semibold">Proof</h3>
      <p className="text-ink-soft">
        This browser builds the record again from what is shown above, walks from its hash up to the root of
        the log, and checks who signed that.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          icon={<ShieldCheck size={15} aria-hidden />}
          isBusy={check.isPending}
          onClick={() => check.mutate()}
        >
          Check in this browser
        </Button>
        <Button
          icon={<Download size={15} aria-hidden />}
          isBusy={download.isPending}
          onClick={() => download.mutate()}
        >
          Download the proof
        </Button>
      </div>
      {problem !== undefined && <ErrorState message={problem.message} requestId={problem.requestId} />}
      <div role="status">
        {check.isSuccess && <Verdict check={check.data} />}
        {check.isError && !(check.error instanceof ApiProblem) && (
          <Refused text={checkFailure(check.error)} />
        )}
      </div>
    </section>
  )
}

function Verdict({ check }: { readonly check: EntryCheck }) {
  if (check.refusal !== undefined) return <Refused text={check.refusal} />
  return (
    <p className="flex items-start gap-2 text-verified">
      <CircleCheck size={18} aria-hidden className="mt-0.5 shrink-0" />
      <span>
        Proven: exactly this stands at position {amountText(String(check.index))} of the{' '}
        {amountText(String(check.size))} entries that <code className="numeric">{check.origin}</code> has
        signed.
      </span>
    </p>
  )
}

function Refused({ text }: { readonly text: string }) {
  return (
    <p className="flex items-start gap-2 text-failed">
      <CircleX size={18} aria-hidden className="mt-0.5 shrink-0" />
      {text}
    </p>
  )
}
