// pack.mjs LEVEL INPUT OUTPUT: gzips a file and prints the MD5 of the result, as a script would.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

const [level, source, target] = process.argv.slice(2)
const md5 = createHash('md5')
const hashed = new Transform({
  transform(chunk, _encoding, done) {
    md5.update(chunk)
    done(null, chunk)
  },
})
await pipeline(
  createReadStream(source, { highWaterMark: 1 << 20 }),
  createGzip({ level: Number(level) }),
  hashed,
  createWriteStream(target),
)
console.log(md5.digest('hex'))
