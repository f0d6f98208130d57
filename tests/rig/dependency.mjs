// SPDX-License-Identifier: MIT
// Packages that build-aux/npm-deps installed outside of the source tree, where node does not look.
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

// The module `name` out of the folder NODE_DEPS (.../node_modules).
export function dependency(name) {
  const folder = process.env.NODE_DEPS;
  if (!folder) throw new Error('NODE_DEPS is not set: build-aux/npm-deps prints what belongs there');
  const file = createRequire(join(folder, 'anything.js')).resolve(name);
  return import(pathToFileURL(file).href);
}
