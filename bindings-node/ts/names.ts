/** Names as JavaScript spells them, and as every language's JSON does. */

import { fileURLToPath } from 'node:url'
import { stringify } from './json.js'
import { OPTION_NAMES } from './options.js'

const camel = new Map<string, string>()

/** A value of the core with its names in camel case. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(camelCased)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [camelName(name), camelCased(of)]))
}

/** JSON of the core as a value with its names in camel case. */
export function read<T>(json: string): T {
  return camelCased(JSON.parse(json)) as T
}

/** Options as the core takes them: it knows their names, types and ranges. */
export function optionsJson(options: object): string {
  return stringify(snakeCased(options)) ?? '{}'
}

/** Words of a message that may name an option: neither quoted nor part of a path. */
const WORDS = /(?<![\w./\\'"`-])((?:wait|retry|http)\.)?([a-z]+(?:_[a-z0-9]+)+)(?![\w/\\'"`-]|\.\w)/g

/** A message of the core that names options as they are written here. One about options names also such as do not exist. */
export function spoken(message: string, isAboutOptions: boolean): string {
  return message.replace(WORDS, (word: string, group: string | undefined, name: string) =>
    isAboutOptions || OPTION_NAMES.has(name) ? (group ?? '') + camelCase(name) : word,
  )
}

function snakeCased(value: unknown): unknown {
  if (value instanceof URL) {
    return fileURLToPath(value)
  }
  if (value instanceof Date) {
    return value.toISOString()
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value
  }
  const given = Object.entries(value).filter(([, of]) => of !== undefined)
  return Object.fromEntries(given.map(([name, of]) => [snakeName(name), snakeCased(of)]))
}

function camelName(name: string): string {
  let known = camel.get(name)
  if (known === undefined) {
    known = camelCase(name)
    camel.set(name, known)
  }
  return known
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
