-- A catalog of schema 2, as it lies on disk. Later versions must read it: never change this file.
PRAGMA journal_mode=WAL;
BEGIN;
CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE documents(key BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox(number INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL) STRICT;
INSERT INTO meta VALUES('schema', 2), ('fence', 3);
INSERT INTO documents VALUES
  (CAST('trail/main' AS BLOB), 7, CAST('a value' AS BLOB)),
  (x'ff00', 1, x''),
  (CAST('lease/holder/forwarder' AS BLOB), 2, CAST('1 2 node-a/77' AS BLOB)),
  (CAST('lease/expiry/forwarder' AS BLOB), 9, CAST('1 1700000005000' AS BLOB));
INSERT INTO outbox VALUES(1, x'01'), (2, x'02'), (41, CAST('a row' AS BLOB));
DELETE FROM outbox WHERE number=2;
COMMIT;
