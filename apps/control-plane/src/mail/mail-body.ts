/** What a mail says, in plain text and in HTML. */
export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: readonly string[]
}

/** One part of a mail. Texts in it are ours, or went through `asName`. */
export type Block =
  | string
  /** Something to click; the address is shown in full in plain text. */
  | { readonly label: string; readonly link: string }
  /** A command to copy. */
  | { readonly code: string }
  | { readonly facts: Readonly<Record<string, string>> }

export interface MailParts {
  readonly subject: string
  /** As it was typed when registering. */
  readonly firstName?: string
  readonly blocks: readonly Block[]
}

/**
 * A mail of these parts. Nothing in it is loaded from anywhere, and the HTML says no more than the text. Names come from
 * strangers: they are plain text here, escaped there, and one line each.
 */
export function mailOf({ subject, firstName, blocks }: MailParts): MailText {
  const all = [greeting(firstName), ...blocks]
  return {
    subject,
    text: `${all.map(textOf).join('\n\n')}\n`,
    html: htmlPage(subject, all.map(htmlOf).join('\n')),
    links: blocks.flatMap((block) => (typeof block === 'object' && 'link' in block ? [block.link] : [])),
  }
}

/**
 * A name that somebody typed, if it can be nothing but a name: no link, no mark-up, no second line. A point only ends a
 * word ("Acme Inc."), so that no mail program makes a link of it. Otherwise `fallback` (check K12).
 */
export function asName(typed: string, fallback: string): string {
  return /^(?:[\p{L}\p{M}\p{N}'’&,()_ -]|\.(?=[\s,)]|$)){1,80}$/u.test(typed) ? typed : fallback
}

function greeting(firstName: string | undefined): string {
  // Stricter than other names: digits and brackets are in no first name, but in many an advertisement.
  const isName = firstName !== undefined && /^[\p{L}\p{M}'’ -]{1,50}$/u.test(firstName)
  return isName ? `Hello ${firstName},` : 'Hello,'
}

function textOf(block: Block): string {
  if (typeof block === 'string') return block
  if ('link' in block) return `${block.label}:\n\n${block.link}`
  if ('code' in block) return block.code
  return Object.entries(block.facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

function htmlOf(block: Block): string {
  if (typeof block === 'string') return `<p>${escapeHtml(block)}</p>`
  if ('link' in block) {
    const link = escapeHtml(block.link)
    return `<p><a href="${link}" style="${BUTTON}">${escapeHtml(block.label)}</a></p>\n<p style="${SMALL}">${link}</p>`
  }
  if ('code' in block) return `<pre style="${SMALL}">${escapeHtml(block.code)}</pre>`
  const rows = Object.entries(block.facts).map(
    ([name, value]) => `<tr><td style="${CELL}">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
  )
  return `<table>${rows.join('')}</table>`
}

const FONT = 'font:16px/1.5 system-ui,sans-serif;color:#1a1a1a'
const BUTTON =
  'display:inline-block;padding:10px 16px;border-radius:6px;background:#1a1a1a;color:#fff;text-decoration:none'
const SMALL = 'font-size:13px;color:#595959;word-break:break-all;white-space:pre-wrap'
const CELL = 'padding-right:16px;color:#595959'

function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:24px;background:#fff;${FONT}">
<div style="max-width:560px;margin:0 auto">
${body}
<p style="${SMALL}">PacSpace</p>
</div>
</body>
</html>
`
}

/** Text as HTML text or as an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
