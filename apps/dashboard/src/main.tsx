import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './api/query-client.ts'
import { meQuery } from './api/session.ts'
import { createAppRouter } from './router.tsx'
import { applyStyleNonce } from './ui/style-nonce.ts'
import { ToastProvider } from './ui/Toasts.tsx'
import './ui/theme.css'

applyStyleNonce()

const queryClient = createQueryClient(() => {
  // Nothing of a session outlives it on screen.
  queryClient.setQueryData(meQuery.queryKey, null)
  void router.invalidate()
})
const router = createAppRouter(queryClient)

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
