import { CopyButton } from './CopyButton.tsx'

/** Code to be copied whole. `label`: what it is, for the copy button and screen readers. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="relative rounded-[8px] border border-line bg-page p-3">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are read by scrolling, also with the keyboard */}
      <pre tabIndex={0} className="numeric overflow-x-auto pr-8 text-[12px] leading-[1.6]">
        {code}
      </pre>
      <span className="absolute top-2 right-2 rounded bg-page">
        <CopyButton text={code} label={label} />
      </span>
    </div>
  )
}
