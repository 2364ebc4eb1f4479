import { Client } from 'cdp-batch'

// Reads CDP_REGION or CDP_BASE_URL, CDP_CLIENT_KEY and CDP_API_TOKEN.
const batch = Client.fromEnv().batch('00000000-0000-0000-0000-000000000000')
console.log(await batch.status())
for await (const reject of await batch.errors()) {
  console.log(reject.ref, reject.code, reject.message)
}
