import { Dialog } from '../ui/Dialog.tsx'
import { CheckpointFacts } from './CheckpointFacts.tsx'
import { type Checkpoint, periodText } from './checkpoint-queries.ts'

/** One checkpoint at the side of the list, by an address of its own. Undefined: it is not on this page of the list. */
export function CheckpointSheet({
  checkpoint,
  onClose,
}: {
  readonly checkpoint: Checkpoint | undefined
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      isSheet
      onOpenChange={onClose}
      title={checkpoint === undefined ? 'Checkpoint' : `Checkpoint ${periodText(checkpoint)}`}
    >
      {checkpoint === undefined ? (
        <p>It is not on this page of the list. Close this and look for it by its customer.</p>
      ) : (
        <CheckpointFacts checkpoint={checkpoint} />
      )}
    </Dialog>
  )
}
