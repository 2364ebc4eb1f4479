#!/usr/bin/env node
/** The program `cdp-batch`: the same as the one for the command line. */

import { native } from './native.js'

process.exit(native.commandLine(['cdp-batch', ...process.argv.slice(2)]))
