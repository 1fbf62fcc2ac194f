/** What a person sees at the gateway's root while there is no dashboard: what this is, and where to go. */
export function frontPage(options: { readonly baseUrl: string; readonly hasMailbox: boolean }): string {
  const { baseUrl, hasMailbox } = options
  const mailbox = hasMailbox
    ? `\n<li><a href="/dev/mailbox"><code>/dev/mailbox?to=ADDRESS</code></a>: mails of this machine (development only)</li>`
    : ''
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PacSpace</title>
<h1>PacSpace</h1>
<p>Usage-based settlement that two parties can trust without trusting each other. It runs.</p>
<ul>
<li><code>${escapeHtml(baseUrl)}/api/v1/…</code>: Balance API, with <code>X-Api-Key</code></li>
<li><code>${escapeHtml(baseUrl)}/dashboard/…</code>: Dashboard API, with <code>Authorization: Bearer</code></li>
<li><code>${escapeHtml(baseUrl)}/log/…</code>: public logs</li>
<li><a href="/readyz"><code>/readyz</code></a>: whether everything is ready</li>${mailbox}
</ul>
<p>Begin with <code>POST /dashboard/auth/register</code>.</p>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
