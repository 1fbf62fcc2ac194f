/**
 * What a person sees after the very first start: from nothing to a first delta, each line ready to paste. The values
 * are real, and a test runs the text as it is printed; only curl, grep and sed are asked of the reader's machine.
 */
export function firstSteps(baseUrl: string, password: string): string {
  return `
Your first delta, from any terminal (bash; paste line by line or all at once):

${firstStepsScript(baseUrl, password)}

The answer of the last line is your customer's balance. Mails of this machine: ${baseUrl}/dev/mailbox?to=ADDRESS
`
}

/** The commands of \`firstSteps\`. */
export function firstStepsScript(baseUrl: string, password: string): string {
  return `  PACSPACE=${baseUrl}
  JSON='Content-Type: application/json'

  # 1. Make an account; its Sandbox is set up at once
  curl -s $PACSPACE/dashboard/auth/register -H "$JSON" -d '{"email":"you@example.com","password":"${password}","firstName":"Ada","lastName":"Lovelace","companyName":"Analytical Engines"}'

  # 2. Read the mail, and verify the address with the token in its link
  until MAIL=$(curl -s "$PACSPACE/dev/mailbox?to=you@example.com" | grep -o 'verify-email?token=[A-Za-z0-9_-]*'); do sleep 0.2; done
  curl -s "$PACSPACE/dashboard/auth/verify?token=\${MAIL##*=}"

  # 3. Log in
  TOKEN=$(curl -s $PACSPACE/dashboard/auth/login -H "$JSON" -d '{"email":"you@example.com","password":"${password}"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

  # 4. Make an API key for the Sandbox, once it is active
  until curl -s $PACSPACE/dashboard/contracts -H "Authorization: Bearer $TOKEN" | grep -q '"status":"active"'; do sleep 0.2; done
  KEY=$(curl -s $PACSPACE/dashboard/api-keys -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{"name":"first key"}' | sed 's/.*"fullKey":"\\([^"]*\\)".*/\\1/')

  # 5. Emit a delta, and derive the balance
  curl -s $PACSPACE/api/v1/balance/delta -H "X-Api-Key: $KEY" -H "$JSON" -d '{"customerId":"customer_001","delta":-250,"reason":"seat charge","referenceId":"bill_31"}'
  curl -s "$PACSPACE/api/v1/balance/derive/customer_001?includePending=true" -H "X-Api-Key: $KEY"`
}
