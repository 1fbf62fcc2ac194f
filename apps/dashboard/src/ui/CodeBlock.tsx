import { CopyButton } from './CopyButton.tsx'

/** Code to be copied whole. `label`: what it is, for the copy button and screen readers. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    // The button stands beside the code, never over a long line's end.
    <div className="flex min-w-0 items-start rounded-[8px] border border-line bg-page">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are read by scrolling, also with the keyboard */}
      <pre tabIndex={0} className="numeric min-w-0 flex-1 overflow-x-auto p-3 text-[12px] leading-[1.6]">
        {code}
      </pre>
      <span className="p-2">
        <CopyButton text={code} label={label} />
      </span>
    </div>
  )
}
