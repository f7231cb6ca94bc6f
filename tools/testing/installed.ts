import path from 'node:path'

/** The folder in which Aludel is installed with the tested TypeORM: the repository, or one that installation.mjs created. */
export const installation = process.env['ALUDEL_TEST_INSTALLATION'] ?? path.resolve(__dirname, '../..')

/** A test links this folder into a project, so that `typeorm`, the drivers and Aludel can be imported there. */
export const modulesFolder = path.join(installation, 'node_modules')

/** The file of the `aludel` command, for Node. */
export const aludelCommand = path.join(installation, 'packages/cli/bin/aludel.js')
