// Builds the package where it lies: the native half with cargo, and JavaScript and types from `ts/`.
//
// `npm install ./bindings-node` runs this in a checkout. CDP_BATCH_NATIVE names a native half that was built before.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = dirname(dirname(fileURLToPath(import.meta.url)))

/** What the native half is called here, as napi-rs names platforms. */
export function platform() {
  const one = `${process.platform}-${process.arch}`
  if (process.platform === 'linux') {
    return `${one}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
  }
  return process.platform === 'win32' ? `${one}-msvc` : one
}

function run(program, args, cwd) {
  execFileSync(program, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
}

/** Builds the native half optimised, and gives its path. */
function compiled() {
  const args = [
    'build',
    '--release',
    '--locked',
    '--package',
    'cdp-batch-node',
    '--message-format=json-render-diagnostics',
  ]
  let told
  try {
    told = execFileSync('cargo', args, {
      cwd: home,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error('cdp-batch is built from source here, which needs Rust: install it from https://rustup.rs')
    }
    throw error
  }
  const artifacts = told
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  const library = artifacts.find(of => of.reason === 'compiler-artifact' && of.target.name === 'cdp_batch_node')
  return library.filenames.find(name => /\.(so|dylib|dll)$/.test(name))
}

const built = process.env.CDP_BATCH_NATIVE ?? compiled()
const native = join(home, `cdp-batch.${platform()}.node`)
// A program may be running the old one: it keeps what is removed, but not what is written over.
rmSync(native, { force: true })
copyFileSync(built, native)

const compiler = join(home, 'node_modules/typescript/bin/tsc')
if (!existsSync(compiler)) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], home)
}
rmSync(join(home, 'dist'), { recursive: true, force: true })
run(process.execPath, [compiler, '--project', home], home)
