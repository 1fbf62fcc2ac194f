import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { codeSamples, KEY_PLACEHOLDER } from './code-samples.ts'
import { KeyStep } from './KeyStep.tsx'
import { ListenStep } from './ListenStep.tsx'

/** From a key to a verified delta on one page: it fills the key into the code, and listens. */
export function QuickStartPage() {
  const environment = useEnvironment()
  // Only here: a secret that is written nowhere else is gone with the page.
  const [fullKey, setFullKey] = useState<string>()
  return (
    <>
      <PageHeader title="Quick start">
        One key, one command. Your first delta appears below by itself, and then turns verified.
      </PageHeader>
      <div className="grid max-w-[860px] grid-cols-1 gap-4">
        <Card title="1. Your key">
          <KeyStep fullKey={fullKey} onCreated={setFullKey} />
        </Card>
        <Card title="2. Send a delta">
          <p className="mb-3 max-w-[72ch] text-ink-soft">
            A delta is one signed change of a customer's balance.{' '}
            {environment === 'production'
              ? 'This is Production: it is kept for good and counts against your plan.'
              : 'This is the Sandbox: try whatever you like.'}
          </p>
          <Tabs
            label="Languages"
            tabs={codeSamples(window.location.origin, fullKey ?? KEY_PLACEHOLDER).map((sample) => ({
              key: sample.key,
              title: sample.title,
              content: (
                <div className="grid grid-cols-1 gap-2">
                  {sample.install !== undefined && <CodeBlock code={sample.install} label="installation" />}
                  <CodeBlock code={sample.code} label={`${sample.title} code`} />
                </div>
              ),
            }))}
          />
        </Card>
        <Card title="3. Watch it arrive">
          <ListenStep />
        </Card>
      </div>
    </>
  )
}
