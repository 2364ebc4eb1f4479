// Upload the rows of a database as they are read, without a file in between.
import Database from 'better-sqlite3'
import { Client } from 'cdp-batch'

const database = new Database(':memory:')
database.exec('CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, since INTEGER)')
const insert = database.prepare('INSERT INTO customer (email, since) VALUES (?, ?)')
for (let number = 1; number <= 1_000; number++) insert.run(`customer${number}@example.com`, 1_700_000_000 + number)

/** Guests as they come from the query, one by one. */
function* query() {
  for (const { id, email, since } of database.prepare('SELECT * FROM customer').iterate()) {
    yield {
      guestType: 'customer',
      email,
      createdAt: new Date(since * 1_000),
      identifiers: [{ provider: 'CRM', id: String(id) }],
    }
  }
}

const client = Client.fromEnv()

// The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address, so
// that it is the same tomorrow. The query is asked for no more than is being packed.
const report = await client.upload(query(), { schema: 'guest', mode: 'upsert', refField: 'email' })

console.log(`${report.counts.confirmed} of ${report.counts.read} rows are confirmed`)
