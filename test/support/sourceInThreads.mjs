import { isMainThread } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

// `--import tsx` lets the main thread alone run from source: what it starts in a thread of its own should, too.
if (!isMainThread) register();
