import { CircleCheck, CircleDashed } from 'lucide-react'

/** Whether an entry stands in the signed log yet, and where. */
export function LogPosition({ logIndex }: { readonly logIndex: number | null }) {
  return logIndex === null ? (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-pending">
      <CircleDashed size={15} aria-hidden />
      about to be signed
    </span>
  ) : (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-verified">
      <CircleCheck size={15} aria-hidden />
      signed at <span className="numeric">{logIndex}</span>
    </span>
  )
}
