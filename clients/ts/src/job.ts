/**
 * What an order holds of a job, and what a renter signs of a lease. The rules are those of `crates/job`; both are checked against
 * `crates/job/vectors`.
 */

import { getAddressEncoder, type Address } from "@solana/kit";

/** Values that have a canonical text: no fractions, no `undefined`. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** A job's specification, version 2, with all its fields. */
export type JobSpec = {
  readonly version: 2;
  /** 32 random bytes in hexadecimal, new for each order. */
  readonly salt: string;
  readonly image: null | {
    readonly reference: string | null;
    readonly digest: string;
    readonly len: number;
    readonly config: string;
  };
  readonly inputs: readonly ({ readonly url?: string } & { readonly [name: string]: Json })[];
  /** Where ciphertexts of inputs and the image's archive lie, by the file's own hash; no part of the job's hash. */
  readonly mirrors?: {
    readonly urls: readonly string[];
    readonly sealed: { readonly [sha256: string]: { readonly sha256: string; readonly key: string } };
  };
} & { readonly [name: string]: unknown };

/** The one JSON text of a value (RFC 8785): names in order of their UTF-16 code units, no blanks, integers only. */
export function canonicalJson(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is no integer that a number holds`);
    return value.toString();
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = value as { readonly [name: string]: Json };
  // Without a comparator JavaScript sorts by code units, which is the order that is wanted.
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name]!)}`).join(",")}}`;
}

/** What `Order.command_hash` holds, in hexadecimal: where a job's files are found is no part of it. */
export async function jobHash(spec: JobSpec): Promise<string> {
  const { mirrors: _, ...job } = spec;
  const inputs = spec.inputs.map(({ url: _, ...input }) => input);
  return sha256(new TextEncoder().encode(canonicalJson({ ...job, inputs } as unknown as Json)));
}

/** What `Order.image_hash` holds, in hexadecimal: zeros without an image. */
export async function imageHash(spec: JobSpec): Promise<string> {
  const none = "00".repeat(32);
  if (spec.image === null) return none;
  const id = spec.image.config === none ? spec.image.digest : spec.image.config;
  return sha256(concat([new TextEncoder().encode("iog:image:1"), fromHex(spec.salt), fromHex(id)]));
}

/** A day of one match's slots that were served: ten minutes each, numbered as unix time divided by 600. */
export type Receipt = {
  readonly genesis: Address;
  readonly program: Address;
  readonly order: Address;
  readonly lease: Address;
  readonly matchedTs: bigint;
  /** The slot that the first bit stands for. */
  readonly firstSlot: number;
  /** 18 bytes; bit i % 8 of byte i / 8 is set where slot `firstSlot + i` was served. */
  readonly slots: Uint8Array;
  /** SHA-256 of the log of the renter's checks. */
  readonly checkHash: Uint8Array;
};

/** The 203 bytes that `Order.receipt_key` signs. */
export function receiptMessage(receipt: Receipt): Uint8Array {
  if (receipt.slots.length !== 18) throw new Error("a receipt has 144 slots, eight a byte");
  if (receipt.checkHash.length !== 32) throw new Error("a hash has 32 bytes");
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setBigInt64(0, receipt.matchedTs, true);
  numbers.setUint32(8, receipt.firstSlot, true);
  const keys = [receipt.genesis, receipt.program, receipt.order, receipt.lease];
  return concat([
    new Uint8Array([0xff]),
    new TextEncoder().encode("iog:receipt"),
    new Uint8Array([1]),
    ...keys.map((key) => new Uint8Array(getAddressEncoder().encode(key))),
    new Uint8Array(numbers.buffer),
    receipt.slots,
    receipt.checkHash,
  ]);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const copy = new Uint8Array(bytes);
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", copy)));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error(`${text} is not hexadecimal`);
  return Uint8Array.from(text.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
