import { Scale } from 'lucide-react'
import { useId, useState } from 'react'
import { CustomerField } from '../api/CustomerField.tsx'
import { Button } from '../ui/Button.tsx'
import { SelectField, TextField } from '../ui/Field.tsx'
import { finishedMonths, monthName, monthOf } from '../ui/month.ts'
import type { Comparison } from './comparison.ts'
import type { Refusal } from './run-comparison.ts'

const MONTHS_OFFERED = 24

interface CompareFormProps {
  readonly first: Comparison
  readonly refusal: Refusal | undefined
  readonly isBusy: boolean
  readonly onCompare: (comparison: Comparison) => void
}

/** Asks what each side has in its books: a balance, a list, or both. */
export function CompareForm({ first, refusal, isBusy, onCompare }: CompareFormProps) {
  const [comparison, setComparison] = useState(first)
  const set = (change: Partial<Comparison>) => setComparison((before) => ({ ...before, ...change }))
  const errorOf = (field: keyof Comparison) => (refusal?.field === field ? refusal.message : undefined)
  const now = Date.now()
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        onCompare(comparison)
      }}
    >
      <div className="grid gap-4 min-[700px]:grid-cols-2">
        <CustomerField
          label="Customer"
          required
          error={errorOf('customerId')}
          value={comparison.customerId}
          onChange={(customerId) => set({ customerId })}
        />
        <SelectField
          label="Period (UTC)"
          value={comparison.period}
          onChange={(event) => set({ period: event.target.value })}
        >
          <option value="">All time</option>
          {[monthOf(now), ...finishedMonths(now, MONTHS_OFFERED)].map((month) => (
            <option key={month} value={month}>
              {monthName(month)}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="grid gap-5 min-[700px]:grid-cols-2">
        <SideFields
          title="Their books"
          balanceHint="What the other side says it is. Empty: the sum of its list."
          balance={comparison.theirBalance}
          balanceError={errorOf('theirBalance')}
          onBalance={(theirBalance) => set({ theirBalance })}
          list={comparison.theirList}
          listError={errorOf('theirList')}
          onList={(theirList) => set({ theirList })}
        />
        <SideFields
          title="Your books"
          balanceHint="Empty: the sum of your list, or what the ledger says."
          balance={comparison.yourBalance}
          balanceError={errorOf('yourBalance')}
          onBalance={(yourBalance) => set({ yourBalance })}
          list={comparison.yourList}
          listError={errorOf('yourList')}
          onList={(yourList) => set({ yourList })}
        />
      </div>
      <div>
        <Button type="submit" look="primary" icon={<Scale size={16} aria-hidden />} isBusy={isBusy}>
          Compare
        </Button>
      </div>
    </form>
  )
}

interface SideFieldsProps {
  readonly title: string
  readonly balanceHint: string
  readonly balance: string
  readonly balanceError: string | undefined
  readonly onBalance: (text: string) => void
  readonly list: string
  readonly listError: string | undefined
  readonly onList: (text: string) => void
}

function SideFields(props: SideFieldsProps) {
  const id = useId()
  const { title, listError } = props
  return (
    <fieldset className="grid gap-4 rounded-[8px] border border-line p-4">
      <legend className="px-1 font-medium">{title}</legend>
      <TextField
        label={`${title}: balance`}
        hint={props.balanceHint}
        error={props.balanceError}
        inputMode="decimal"
        autoComplete="off"
        placeholder="-1250.75"
        value={props.balance}
        onChange={(event) => props.onBalance(event.target.value)}
      />
      <div>
        <label htmlFor={id} className="mb-1 block font-medium">
          {title}: list (optional)
        </label>
        <textarea
          id={id}
          rows={5}
          spellCheck={false}
          aria-invalid={listError !== undefined || undefined}
          aria-describedby={`${id}-note`}
          placeholder={'reference,amount\ninv_1042,-250\ninv_1043,100.50'}
          value={props.list}
          onChange={(event) => props.onList(event.target.value)}
          className={`numeric w-full rounded-[8px] border bg-surface px-3 py-2 text-[13px] ${
            listError === undefined ? 'border-line-strong' : 'border-failed'
          }`}
        />
        <p
          id={`${id}-note`}
          className={`mt-1 text-[13px] ${listError === undefined ? 'text-ink-soft' : 'text-failed'}`}
        >
          {listError ?? 'References and amounts, pasted from a spreadsheet, a CSV file or an export of ours.'}
        </p>
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          aria-label={`${title}: take the list from a file`}
          className="mt-2 block w-full text-[13px] text-ink-soft file:mr-3 file:min-h-8 file:cursor-pointer file:rounded-[8px] file:border file:border-line-strong file:bg-surface file:px-3 file:text-ink"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            if (file !== undefined) void file.text().then(props.onList)
          }}
        />
      </div>
    </fieldset>
  )
}
