import { useNavigate } from '@tanstack/react-router'
import { CircleUser } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { useMe } from '../api/session.ts'
import { useSignOut } from '../api/use-sign-out.ts'
import { paths } from '../paths.ts'
import { useToast } from '../ui/Toasts.tsx'
import { useTheme } from './theme-choice.ts'

const ITEM =
  'flex min-h-9 cursor-pointer items-center rounded-[6px] px-3 outline-none data-[highlighted]:bg-page'

/** Who one is, the theme, and the ways out. */
export function UserMenu() {
  const me = useMe()
  const environment = useEnvironment()
  const navigate = useNavigate()
  const say = useToast()
  const [theme, setTheme] = useTheme()
  const signOut = useSignOut({
    onError: (error) => error instanceof ApiProblem && say(error.message, error.requestId),
  })
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label="Your account"
        className="inline-flex size-9 items-center justify-center rounded hover:bg-page"
      >
        <CircleUser size={20} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 w-[240px] rounded-[8px] border border-line bg-surface p-1 shadow-float"
        >
          <DropdownMenu.Label className="px-3 py-2 text-[13px] text-ink-soft">
            <span className="block font-medium text-ink">{me.name}</span>
            {me.email} · {me.role}
          </DropdownMenu.Label>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.RadioGroup value={theme} onValueChange={setTheme}>
            {(['system', 'light', 'dark'] as const).map((one) => (
              <DropdownMenu.RadioItem
                key={one}
                value={one}
                className={ITEM}
                onSelect={(event) => event.preventDefault()}
              >
                Theme: {one}
                <DropdownMenu.ItemIndicator className="ml-auto">✓</DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item
            className={ITEM}
            onSelect={() => void navigate({ to: paths.settings(environment) })}
          >
            Profile and password
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => signOut.mutate(false)}>
            Sign out
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => signOut.mutate(true)}>
            Sign out everywhere
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
