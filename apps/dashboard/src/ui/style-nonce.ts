import { setNonce } from 'get-nonce'

/**
 * Style elements that libraries write (scroll locks of dialogs) carry the nonce of this page, without which its policy
 * refuses them. The gateway writes a new one into each page it serves.
 */
export function applyStyleNonce(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
  if (nonce) setNonce(nonce)
}
