/** Finds the native half: built in this checkout, or from the package of this platform. */

import { join } from 'node:path'
import type { Native } from './native.js'
import { PLATFORMS } from './platforms.js'

const VERSION = (require('../package.json') as { version: string }).version

/** Loads the native half, or says for which platform there is none, what was tried, and what to do. */
export function load(): Native {
  const failed: string[] = []
  for (const name of candidates()) {
    for (const place of [join(__dirname, '..', `cdp-batch.${name}.node`), `cdp-batch-${name}`]) {
      try {
        const native = require(place) as Native
        if (native.VERSION === VERSION) {
          return native
        }
        failed.push(`${place}: it is of version ${native.VERSION}`)
      } catch (error) {
        failed.push(`${place}: ${firstLine(error)}`)
      }
    }
  }
  throw new Error(message(failed))
}

/** What the native half may be called here, as napi-rs names platforms. */
function candidates(): string[] {
  const { platform, arch } = process
  const one = `${platform}-${arch}`
  switch (platform) {
    case 'linux':
      return libc() === 'musl' ? [`${one}-musl`] : libc() === 'glibc' ? [`${one}-gnu`] : [`${one}-gnu`, `${one}-musl`]
    case 'win32':
      return [`${one}-msvc`]
    default:
      return [one]
  }
}

/** Which C library this process runs on, where that can be told. */
function libc(): 'glibc' | 'musl' | 'unknown' {
  try {
    const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string }; sharedObjects?: string[] }
    if (report.header?.glibcVersionRuntime) {
      return 'glibc'
    }
    return report.sharedObjects?.some(file => file.includes('musl')) ? 'musl' : 'unknown'
  } catch {
    return 'unknown'
  }
}

function message(failed: string[]): string {
  const on =
    process.platform === 'linux'
      ? `${process.platform} ${process.arch} (${libc()})`
      : `${process.platform} ${process.arch}`
  const known = candidates().some(name => PLATFORMS.includes(name))
  const fix = known
    ? 'Install again without --omit=optional; if a lock file was made on another platform, delete it and node_modules ' +
      'first, because npm leaves out the optional packages of other platforms. In a checkout, run `npm run build` in ' +
      'bindings-node.'
    : `There are packages for ${PLATFORMS.join(', ')}. On anything else, build it from a checkout: \`npm install ./bindings-node\`.`
  const tried = failed.map(line => `\n  ${line}`).join('')
  return `cdp-batch ${VERSION} has no native half for ${on}, Node-API ${process.versions['napi'] ?? 'unknown'}. ${fix} Tried:${tried}`
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
