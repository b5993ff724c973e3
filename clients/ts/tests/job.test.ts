/** The vectors that the Rust crate checks, too. */

import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { canonicalJson, imageHash, jobHash, receiptMessage, type Json, type JobSpec } from "../src/job.ts";

const vectors = (name: string) => JSON.parse(readFileSync(`../../crates/job/vectors/${name}.json`, "utf8"));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

test("canonical texts", () => {
  const all = vectors("canonical") as { value: Json; text: string }[];
  assert.ok(all.length >= 6);
  for (const { value, text } of all) assert.equal(canonicalJson(value), text);
  assert.throws(() => canonicalJson(1.5));
  assert.throws(() => canonicalJson(2 ** 60));
});

test("hashes of jobs and images", async () => {
  const all = vectors("job") as { name: string; spec: JobSpec; job_hash: string; image_hash: string }[];
  assert.ok(all.length >= 4);
  for (const vector of all) {
    assert.equal(await jobHash(vector.spec), vector.job_hash, vector.name);
    assert.equal(await imageHash(vector.spec), vector.image_hash, vector.name);
  }
});

/** redteam 13 */
test("a receipt", () => {
  const vector = vectors("receipt");
  const message = receiptMessage({
    genesis: vector.genesis,
    program: vector.program,
    order: vector.order,
    lease: vector.lease,
    matchedTs: BigInt(vector.matched_ts),
    firstSlot: vector.first_slot,
    slots: bytes(vector.slots_hex),
    checkHash: bytes(vector.check_hash),
  });
  assert.equal(message.length, 203);
  assert.equal(Buffer.from(message).toString("hex"), vector.message_hex);
  // PKCS 8 around the 32 bytes of an Ed25519 key.
  const der = Buffer.from(`302e020100300506032b657004220420${vector.secret_seed_hex}`, "hex");
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  assert.equal(sign(null, message, key).toString("hex"), vector.signature_hex);
});
