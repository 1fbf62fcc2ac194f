import type { Me } from '../api/session.ts'
import { SelectField } from '../ui/Field.tsx'
import { roleMeanings } from './team-rights.ts'

interface RoleFieldProps {
  readonly roles: readonly Me['role'][]
  readonly value: Me['role']
  readonly onChange: (role: Me['role']) => void
}

/** A choice among roles; what the chosen one may do stands below. */
export function RoleField({ roles, value, onChange }: RoleFieldProps) {
  return (
    <SelectField
      label="Role"
      value={value}
      hint={roleMeanings.find(({ role }) => role === value)?.meaning}
      onChange={({ target }) => onChange(roles.find((role) => role === target.value) ?? value)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {role}
        </option>
      ))}
    </SelectField>
  )
}
