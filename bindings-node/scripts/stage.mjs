// stage.mjs FOLDER: lays out what is published, as napi-rs does: the package without a native half, which names one
// optional package for each platform, and those packages, each with the native half that was built for it.
//
// Native halves are looked for beside the package and in CDP_BATCH_ARTIFACTS; a platform without one is left out.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const into = resolve(process.argv[2] ?? 'staged')
const places = [home, process.env.CDP_BATCH_ARTIFACTS].filter(Boolean)

const read = path => JSON.parse(readFileSync(path, 'utf8'))
const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)

rmSync(into, { recursive: true, force: true })
const { scripts: _, devDependencies: __, ...published } = read(join(home, 'package.json'))
const optionalDependencies = {}
for (const platform of readdirSync(join(home, 'npm'))) {
  const manifest = read(join(home, 'npm', platform, 'package.json'))
  if (manifest.version !== published.version) {
    throw new Error(
      `${manifest.name} is ${manifest.version}, but the package is ${published.version}: run cargo xtask gen`,
    )
  }
  optionalDependencies[manifest.name] = manifest.version
  const native = places.map(place => join(place, manifest.main)).find(existsSync)
  if (native) {
    const folder = join(into, platform)
    mkdirSync(folder, { recursive: true })
    copyFileSync(native, join(folder, manifest.main))
    writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${manifest.description}. Install \`cdp-batch\`.\n`)
    write(join(folder, 'package.json'), manifest)
  }
}

const folder = join(into, 'cdp-batch')
cpSync(join(home, 'dist'), join(folder, 'dist'), { recursive: true })
for (const file of ['README.md', '../LICENSE-APACHE', '../LICENSE-MIT'])
  cpSync(join(home, file), join(folder, file.replace('../', '')))
write(join(folder, 'package.json'), { ...published, files: ['dist', 'LICENSE-*'], optionalDependencies })
