import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { paths } from '../paths.ts'
import { call } from './client.ts'
import { logout } from './endpoints.gen.ts'
import { tellSessionEnded } from './session-end.ts'

/**
 * Ends this session, or with `true` every session of the user, in all tabs. First the page goes, which cannot do without the
 * session, then what it has read.
 */
export function useSignOut({
  onEnded,
  onError,
}: {
  readonly onEnded?: () => void
  readonly onError?: (error: Error) => void
}) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (everywhere: boolean) => call(logout, { body: { everywhere } }),
    onSuccess: async () => {
      onEnded?.()
      tellSessionEnded()
      await navigate({ to: paths.login() })
      queryClient.clear()
    },
    ...(onError !== undefined && { onError }),
  })
}
