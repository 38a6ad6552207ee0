// Runs SQL in a thread that ends afterwards, because a binding may hold the file for as long as its thread lives.
import { parentPort, workerData } from 'node:worker_threads';

const { path, statements } = workerData;
const { DatabaseSync } = await import('node:sqlite').catch(() => import('@photostructure/sqlite'));
const db = new DatabaseSync(path);
parentPort.postMessage(
  statements.flatMap((statement) =>
    db
      .prepare(statement)
      .all()
      .map((row) => ({ ...row })),
  ),
);
db.close();
