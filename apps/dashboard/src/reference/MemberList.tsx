import type { ReferenceMember } from './reference-of.ts'
import { WithCode } from './WithCode.tsx'

type Row = ReferenceMember & { readonly place?: string }

/** Parameters or members, each with its type and what it is. What an answer has is always there: nothing is marked in it. */
export function MemberList({
  members,
  isAnswer = false,
}: {
  readonly members: readonly Row[]
  readonly isAnswer?: boolean
}) {
  return (
    <dl>
      {members.map(({ name, place, type, isRequired, description }) => (
        <div key={`${place ?? ''} ${name}`} className="border-b border-line py-2 last:border-0">
          <dt className="flex flex-wrap items-baseline gap-x-2">
            <code className="numeric text-[13px] font-semibold">{name}</code>
            <code className="numeric min-w-0 text-[12px] text-ink-soft">{type}</code>
            {place !== undefined && <span className="text-[12px] text-ink-soft">in the {place}</span>}
            {isRequired && !isAnswer && <span className="text-[12px] text-failed">required</span>}
          </dt>
          <dd className="max-w-[72ch] text-[13px]">
            <WithCode text={description} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
