// SPDX-License-Identifier: MIT
// SQLite for the peers in Node: its own (node:sqlite, from 22 on) where it is there, else better-sqlite3 in the
// folder that NODE_PEERS names. Both are asked alike.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_PEERS ?? '.'}/node_modules/`);

export function open(path) {
  let Database;
  try {
    Database = process.env.NODE_PEERS ? require('better-sqlite3') : require('node:sqlite').DatabaseSync;
  } catch (error) {
    console.log(`no SQLite for Node: ${error.message}`);
    process.exit(77);
  }
  return new Database(path);
}
