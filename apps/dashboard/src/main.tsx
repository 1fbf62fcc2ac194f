import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './api/query-client.ts'
import { meQuery } from './api/session.ts'
import { onSessionEndedElsewhere } from './api/session-end.ts'
import { paths } from './paths.ts'
import { createAppRouter } from './router.tsx'
import { applyStyleNonce } from './ui/style-nonce.ts'
import { ToastProvider } from './ui/Toasts.tsx'
import './ui/theme.css'

applyStyleNonce()

const queryClient = createQueryClient(() => void leave())
const router = createAppRouter(queryClient)
onSessionEndedElsewhere(() => void leave())
let isLeaving = false

/** The session has ended: to the log-in, which leads back here. Nothing of it stays, on screen or in memory. */
async function leave(): Promise<void> {
  const isForMembers = router.state.matches.some(({ params }) => 'environment' in params)
  if (!isForMembers) queryClient.setQueryData(meQuery.queryKey, null)
  else if (!isLeaving) {
    isLeaving = true
    const next = router.state.location.href
    // First the page, which cannot do without the session, then what it has read.
    await router.navigate({ to: paths.login(), search: { next }, replace: true })
    queryClient.clear()
    isLeaving = false
  }
}

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has a #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
)
