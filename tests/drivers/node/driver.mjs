// The behaviour suite's driver for Node: does what one JSON object a line asks for, through the public API, and answers
// the same way. `tests/README.md` describes the protocol.
import { createInterface } from 'node:readline'
import { CdpBatchError, Client } from '../../../bindings-node/dist/index.mjs'

/** Thrown inside a call to cancel it. */
class Stopped extends Error {}

let client
let run
let report
let events = []

async function answer(request) {
  events = []
  try {
    return { ok: await act(request), events }
  } catch (error) {
    if (!(error instanceof CdpBatchError)) throw error
    const fields = error.toJSON()
    // The cases know options by the names of every language's JSON.
    fields.message = fields.message.replace(/\b[a-z]+(?:[A-Z][a-z]*)+\b/g, snakeName)
    if (error.report) {
      report = error.report
      fields.report = await reportValue(report)
    }
    return { error: fields, events }
  }
}

async function act(request) {
  const options = camelCased(request.options ?? {})
  const heard = { onEvent: listener(request.cancel_after_event) }
  switch (request.op) {
    case 'client': {
      const { region, base_url: baseUrl, client_key: clientKey, api_token: apiToken } = request
      client = new Client({
        ...(region && { region }),
        ...(baseUrl && { baseUrl }),
        clientKey,
        apiToken,
        ...options,
      })
      return {}
    }
    case 'upload':
      return reported(await client.upload(source(request.source), { ...heard, ...options }))
    case 'submit':
      run = await client.submit(source(request.source), {
        ...heard,
        ...options,
      })
      return { run_id: run.runId, refs: run.refs }
    case 'run_wait':
      return reported(await run.wait(heard))
    case 'writer': {
      const writer = client.writer({ ...heard, ...options })
      for (const row of request.rows) await writer.write(row)
      return reported(await writer.close())
    }
    case 'wait':
      return snakeCased(await client.wait(request.refs, options))
    case 'report':
      return reported(await client.report(request.refs))
    case 'batch_status':
      return snakeCased(await client.batch(request.ref).status())
    case 'batch_wait':
      return snakeCased(await client.batch(request.ref).wait())
    case 'batch_errors':
      return listed(await client.batch(request.ref).errors(), rejectValue)
    case 'batches':
      return listed(client.batches(camelCased(request.query ?? {})), snakeCased)
    case 'validate': {
      const found = await client.validate(source(request.source), options)
      return { ...found, findings: await listed(found.findings(), snakeCased) }
    }
    case 'pack': {
      const packed = await client.pack(source(request.source), request.out, options)
      const { parts, counts } = snakeCased({
        parts: packed.parts,
        counts: packed.counts,
      })
      return {
        parts,
        counts,
        rejects: await listed(packed.rejects(), rejectValue),
      }
    }
    case 'write_rejects':
      return { written: await report.writeRejects(request.path) }
    default:
      throw new Error(`there is no operation ${request.op}`)
  }
}

/** Keeps the events of a call, and stops it once after one of this type. */
function listener(cancelAfter) {
  let left = cancelAfter
  return event => {
    events.push(snakeCased(event))
    if (event.type === left) {
      left = undefined
      throw new Stopped('the case asks for it')
    }
  }
}

/** A source of the public API. */
function source(asked) {
  const [[kind, value]] = Object.entries(asked)
  switch (kind) {
    case 'path':
    case 'paths':
      return { path: value }
    case 'glob':
      return value
    case 'text':
      return { text: value }
    default:
      return Buffer.from(value, 'base64')
  }
}

async function reported(of) {
  report = of
  return reportValue(of)
}

async function reportValue(of) {
  return { ...of.toJSON(), rejects: await listed(of.rejects(), rejectValue) }
}

function rejectValue(reject) {
  return snakeCased({ ...reject, record: reject.record.toString() })
}

async function listed(items, value) {
  const list = []
  for await (const item of items) list.push(value(item))
  return list
}

const camelCased = value => renamed(value, name => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()))
const snakeName = name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
const snakeCased = value => renamed(value, snakeName)

function renamed(value, rename) {
  if (Array.isArray(value)) return value.map(item => renamed(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [rename(name), renamed(of, rename)]))
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  process.stdout.write(`${JSON.stringify({ id: request.id, ...(await answer(request)) })}\n`)
}
