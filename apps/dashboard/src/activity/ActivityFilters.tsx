import { auditActions } from '@pacspace/api/audit-action'
import { environments, spelling } from '@pacspace/api/environment'
import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { membersQuery } from '../api/members.ts'
import { Button } from '../ui/Button.tsx'
import { SelectField, TextField } from '../ui/Field.tsx'
import { type ActivitySearch, isFiltered, readActivitySearch } from './activity-search.ts'
import { actionTexts } from './activity-text.ts'

interface ActivityFiltersProps {
  readonly search: ActivitySearch
  readonly onChange: (next: ActivitySearch) => void
}

/** Who, what, where, when. What is chosen stands in the address. */
export function ActivityFilters({ search, onChange }: ActivityFiltersProps) {
  const members = useQuery(membersQuery)
  const set = (change: Readonly<Record<string, string>>) =>
    onChange(readActivitySearch({ ...search, ...change, page: 1, entry: undefined }))
  return (
    <div className="mb-3 grid gap-3">
      <div className="grid grid-cols-2 gap-3 min-[1000px]:grid-cols-5">
        <SelectField
          label="Who"
          value={search.actor ?? ''}
          onChange={({ target }) => set({ actor: target.value })}
        >
          <option value="">Anybody</option>
          {members.data?.members.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          {search.actor !== undefined && !members.data?.members.some(({ id }) => id === search.actor) && (
            <option value={search.actor}>{search.actor}</option>
          )}
        </SelectField>
        <SelectField
          label="What"
          value={search.action ?? ''}
          onChange={({ target }) => set({ action: target.value })}
        >
          <option value="">Anything</option>
          {auditActions.map((action) => (
            <option key={action} value={action}>
              {actionTexts[action]}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Environment"
          value={search.in ?? ''}
          onChange={({ target }) => set({ in: target.value })}
        >
          <option value="">Any, or none</option>
          {environments.map((environment) => (
            <option key={environment} value={environment}>
              {spelling[environment].title}
            </option>
          ))}
        </SelectField>
        <TextField
          label="From (UTC)"
          type="date"
          value={search.from ?? ''}
          onChange={({ target }) => set({ from: target.value })}
        />
        <TextField
          label="To (UTC)"
          type="date"
          value={search.to ?? ''}
          onChange={({ target }) => set({ to: target.value })}
        />
      </div>
      {isFiltered(search) && (
        <div className="flex flex-wrap items-center gap-2">
          {search.target !== undefined && (
            <span className="text-ink-soft">
              Only what was done to <code className="numeric text-[13px] break-all">{search.target}</code>
            </span>
          )}
          <Button look="quiet" icon={<X size={15} aria-hidden />} onClick={() => onChange({})}>
            Clear all filters
          </Button>
        </div>
      )}
    </div>
  )
}
