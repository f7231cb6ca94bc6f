import path from 'node:path'

/** The folder where Aludel is installed beside the TypeORM that is tested: the repository, or one made by installation.mjs. */
export const installation = process.env['ALUDEL_TEST_INSTALLATION'] ?? path.resolve(__dirname, '../..')

/** To be linked into a project that a test makes, so that `typeorm`, the drivers and Aludel can be imported there. */
export const modulesFolder = path.join(installation, 'node_modules')

/** The `aludel` command, to be run by Node. */
export const aludelCommand = path.join(installation, 'packages/cli/bin/aludel.js')
