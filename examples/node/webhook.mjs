// A webhook that gathers guests and uploads them together: a Fastify server that feeds a writer.
//
// A run is one writer. Here it is closed when the server stops; a server that goes on would close it now and then, and
// open the next one, so that what was gathered is sent.
import { Client } from 'cdp-batch'
import Fastify from 'fastify'

const client = Client.fromEnv()
const writer = client.writer({ schema: 'guest', mode: 'upsert', refField: 'email', raiseOn: 'never' })

const server = Fastify()
server.post('/guests', async (request, reply) => {
  // Resolves once there is room for the next: a sender that is too fast waits for its answer.
  await writer.write(request.body)
  return reply.code(202).send()
})

const address = await server.listen({ host: '127.0.0.1', port: 0 })

// What the senders do.
const answers = await Promise.all(
  Array.from({ length: 100 }, (_, number) =>
    fetch(`${address}/guests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        guestType: 'customer',
        email: `customer${number}@example.com`,
        identifiers: [{ provider: 'CRM', id: String(number) }],
      }),
    }),
  ),
)
console.log(`${answers.filter(({ status }) => status === 202).length} guests were accepted`)

await server.close()
const report = await writer.close()
console.log(`${report.counts.confirmed} of ${report.counts.read} guests are confirmed`)
