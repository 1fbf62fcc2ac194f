/** A text of the definitions, whose names of things stand between backticks. */
export function WithCode({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text that never change places
      <code key={index} className="numeric">
        {part}
      </code>
    ) : (
      part
    ),
  )
}
