import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { DeltaView } from './DeltaView.tsx'

/** A delta beside the list. */
export function DeltaSheet({
  recordId,
  onClose,
}: {
  readonly recordId: string
  readonly onClose: () => void
}) {
  const environment = useEnvironment()
  return (
    <Dialog open isSheet onOpenChange={onClose} title="Delta">
      <Link
        to={paths.delta(environment, recordId)}
        className="mb-4 inline-block text-[13px] text-accent underline"
      >
        Open as a page
      </Link>
      <DeltaView key={recordId} recordId={recordId} />
    </Dialog>
  )
}
